"""Judges a platform against the prerequisites (DI-4): facts in, findings out; no client, no clock."""
