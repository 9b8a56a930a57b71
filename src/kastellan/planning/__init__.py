"""Decides what to do, in which order, and why everything else is left undone; no I/O."""
