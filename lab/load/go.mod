module kastellan.lab/load

go 1.25.0
