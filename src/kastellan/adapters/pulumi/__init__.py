"""The user's Pulumi: its command line, never its internals."""
