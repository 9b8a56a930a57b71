"""Turns an installation into the Kubernetes objects that make it: one builder a kind, pure."""
