"""One file a check. The order in which they run and are shown is the tuple in `kastellan.preflight.suite`."""
