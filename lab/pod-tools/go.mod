module kastellan.lab/pod-tools

go 1.25.0
