"""Values and rules of the field: frozen data and pure functions, nothing that reads a clock, a file or a network."""
