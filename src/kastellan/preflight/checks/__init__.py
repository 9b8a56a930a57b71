"""The checks, one a module, each named by its id."""
