"""Implementations of the ports; one sub-package an outside system."""
