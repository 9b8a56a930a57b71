"""Channels that messages go out by."""
