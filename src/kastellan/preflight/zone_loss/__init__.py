"""Whether pods find room when nodes are gone: proofs both ways about what the scheduler can do, and honesty between."""
