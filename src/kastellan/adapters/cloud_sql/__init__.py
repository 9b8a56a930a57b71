"""Backups of Cloud SQL as restore points (DI-7), by Google's Cloud SQL Admin API v1."""
