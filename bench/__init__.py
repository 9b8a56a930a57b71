"""Measurements; `make bench` writes docs/benchmarks.md. Nothing fails by being slow: the figures are for people."""
