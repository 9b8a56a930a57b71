"""Transactions of the store, for reading and for writing, with errors of kastellan."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine

from kastellan.adapters.store.translation import translated

WRITES = {"kastellan_writes": True}
"""Execution options of a transaction that writes."""


class Transactions:
    """What the store, the journal and the leases of one database share."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def reading(self, operation: str) -> Iterator[Connection]:
        """A transaction that only reads; `operation` as in `translation.translated`."""
        with translated(operation), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self, operation: str) -> Iterator[Connection]:
        """A transaction that writes, all or nothing."""
        engine = self._engine.execution_options(**WRITES)
        with translated(operation), engine.connect() as connection, connection.begin():
            yield connection


def upsert_of(connection: Connection) -> Any:
    """The `insert` of the database's dialect, which knows `on_conflict_do_…`; both take the same arguments."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert
    from sqlalchemy.dialects import sqlite

    return sqlite.insert
