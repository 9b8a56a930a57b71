"""Snapshots of Amazon RDS as restore points (DI-7), by the API of RDS."""
