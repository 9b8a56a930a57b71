"""Probes: what only trying shows, from this machine and from pods in every zone."""
