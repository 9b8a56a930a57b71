"""Real control planes and nodes on one machine, for the demo, the tests and the benchmarks; not in the wheel."""
