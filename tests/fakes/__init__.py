"""In-memory implementations of the ports; the contract suites run against them and against the real thing."""
