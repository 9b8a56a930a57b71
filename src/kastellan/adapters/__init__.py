"""One sub-package an outside system; each translates that system's failures into `kastellan.domain.errors`."""
