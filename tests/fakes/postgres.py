"""A good PostgreSQL server in memory, as the preflight asks it; the lab holds the questions to a real one."""

import itertools
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
from psycopg import errors

AUTHORITY = "-----BEGIN CERTIFICATE-----\nthe one that signed\n-----END CERTIFICATE-----\n"
PRIMARY, STANDBY = "10.0.1.7", "10.0.2.7"
Rows = list[tuple[Any, ...]]
_ANSWERS: tuple[tuple[str, Rows], ...] = (
    ("transaction_read_only", [(False, "off")]),
    ("pg_stat_ssl", [(True,)]),
    ("rolcreaterole", [(False, True, True)]),
    ("datdba", [(True,)]),
    ("exists (select from pg_roles", [(True, True)]),
    ("'connect')", [(True,)]),
    ("max_connections", [(100, 3, 2)]),
    ("rolconnlimit", [(-1,)]),
    ("datconnlimit", [(-1, 0)]),
    ("pg_encoding_to_char", [("UTF8", "C.UTF-8")]),
    ("datcollversion", [(False,)]),
    ("pg_timezone_names", [(True, 597)]),
    ("synchronous_standby_names", [(True, "", PRIMARY)]),
    ("pg_stat_replication", [("db-1", STANDBY, "streaming", "async", True, 0.0)]),
    ("pg_replication_slots", []),
    ("wal_level", [("replica", "on", 300, 2**24)]),
    ("pg_stat_archiver", [("000000010000000000000001", 40.0, None)]),
    ("pg_walfile_name", [("000000010000000000000002",)]),
    ("pg_is_in_recovery", [(False,)]),
)
"""Part of a query → its rows; the first that is in it counts."""
_DEEDS = ("set ", "create schema")


class FakePostgres:
    """Gives sessions; `connects` stands in for `psycopg.connect`."""

    def __init__(self) -> None:
        self._processes = itertools.count(4711)

    def connects(self, **options: Any) -> Any:
        if Path(options["sslrootcert"]).read_text() != AUTHORITY:
            raise psycopg.OperationalError("SSL error: certificate verify failed")
        return FakeSession(next(self._processes))


class FakeSession:
    """One session, with a process and settings of its own."""

    def __init__(self, process: int) -> None:
        self.info = SimpleNamespace(server_version=17_00_04)
        self._process = process
        self._marked = False
        self._reads_only = False

    def execute(self, query: Any, parameters: Any = None) -> "FakeCursor":
        text = query if isinstance(query, str) else query.as_string(None)
        if "kastellan.marker', true" in text:
            return FakeCursor([(self._process, True if self._marked else None)])
        if text.startswith(_DEEDS):
            if self._reads_only and text.startswith("create"):
                raise errors.ReadOnlySqlTransaction("cannot execute CREATE SCHEMA in a read-only transaction")
            self._reads_only |= text == "set transaction read only"
            self._marked |= "kastellan.marker" in text
            return FakeCursor([])
        return FakeCursor(next(rows for part, rows in _ANSWERS if part in text))

    def commit(self) -> None:
        """Nothing is kept but settings, which are of the session."""

    def rollback(self) -> None:
        self._reads_only = False

    def close(self) -> None:
        """It was in memory."""


class FakeCursor:
    """Rows of an answer."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._rows[0] if self._rows else None

    def fetchall(self) -> Rows:
        return list(self._rows)
