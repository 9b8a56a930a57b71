"""Ledgers and outbox in SQLite or PostgreSQL."""
