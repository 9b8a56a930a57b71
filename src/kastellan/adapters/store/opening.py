"""Opens a store: connects, brings the schema up to date, and refuses one that a newer kastellan wrote."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from kastellan.adapters.store.sql_store import SqlStore
from kastellan.adapters.store.transactions import WRITES, Transactions
from kastellan.adapters.store.translation import translated
from kastellan.domain.errors import InvalidInputError, StuckError

LOCK_SECONDS = 10
"""How long a transaction waits for another one."""
_STATEMENT_SECONDS = 30
"""How long a server of PostgreSQL works on one statement; then it says so, before we give it up for dead."""
_IDLE_SECONDS = 60
"""After which such a server takes its locks from a transaction whose process was frozen, or whose machine is gone."""
_MIGRATION_SECONDS = 3600.0
"""For one statement of a migration, which may rewrite a table."""
HEAD = "0003"
"""The newest schema; a store that has it is opened without Alembic, which takes longer to import than most commands."""
_MIGRATION_LOCK = 7_236_149
"""Number of the advisory lock that migrations take on PostgreSQL; any number that nobody else uses."""


@contextmanager
def open_store(url: str) -> Iterator[SqlStore]:
    """The store behind a URL, closed at the end.

    Args:
        url: `sqlite:///PATH`, made where there is none, or `postgresql+psycopg://…`.

    Raises:
        InvalidInputError: no such URL.
        UnreachableError: no connection, or locked.
        ServerFaultError: disk full or read-only.
        StuckError: written by a newer kastellan, or no store.
    """
    engine = _engine(_parsed(url))
    try:
        with translated("opening the store"), engine.execution_options(**WRITES).begin() as connection:
            _migrate(connection)
        yield SqlStore(Transactions(engine))
    finally:
        engine.dispose()


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is None or parsed.drivername not in ("sqlite", "postgresql", "postgresql+psycopg"):
        raise InvalidInputError("--store is no URL of a store; write sqlite:///PATH or postgresql://USER@HOST/NAME")
    return parsed.set(drivername="postgresql+psycopg") if parsed.drivername == "postgresql" else parsed


def _engine(url: URL) -> Engine:
    if url.drivername != "sqlite":
        return _postgresql(url)
    _make_file(Path(url.database or ""))
    engine = create_engine(url, connect_args={"timeout": LOCK_SECONDS, "isolation_level": None})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _postgresql(url: URL) -> Engine:
    from kastellan.adapters.postgres.bounded_connection import BoundedConnection

    limits = {
        "lock_timeout": LOCK_SECONDS,
        "statement_timeout": _STATEMENT_SECONDS,
        "idle_in_transaction_session_timeout": _IDLE_SECONDS,
    }
    options = " ".join(f"-c {name}={seconds}s" for name, seconds in limits.items())
    engine = create_engine(url, connect_args={"connect_timeout": LOCK_SECONDS, "options": options})

    def connect(_: object, __: object, arguments: Any, named: Any) -> BoundedConnection:
        return BoundedConnection.connect(*arguments, **named)

    event.listen(engine, "do_connect", connect)
    return engine


def _make_file(path: Path) -> None:
    """Only its owner may read it: a ledger names people."""
    if not path.name:
        raise InvalidInputError("--store names no file; write sqlite:///PATH")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as cause:
        raise InvalidInputError(f"the store {path} cannot be opened: {cause.strerror}") from cause


def _prepare_sqlite(connection: Any, _: object) -> None:
    # SQLite does not wait for others itself while a fresh file is turned to WAL.
    again = Retrying(
        retry=retry_if_exception_type(sqlite3.OperationalError),
        stop=stop_after_delay(LOCK_SECONDS),
        wait=wait_fixed(0.02),
        reraise=True,
    )
    again(connection.execute, "PRAGMA journal_mode=WAL")
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads before it writes must hold the write lock from its start, or it fails in the middle.
    writes = connection.get_execution_options().get("kastellan_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _migrate(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _MIGRATION_LOCK})
    if inspect(connection).has_table("alembic_version"):
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
        if found == [HEAD]:
            return
    from alembic.config import Config
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    scripts = ScriptDirectory.from_config(config)
    current = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in scripts.walk_revisions()}
    if current is not None and current not in known:
        raise StuckError(
            f"the store has schema {current}, which this kastellan does not know; nothing was changed",
            remediation="use the newer kastellan that wrote it",
        )
    if current != scripts.get_current_head():
        from alembic import command

        with _unhurried(connection):
            command.upgrade(config, "head")


@contextmanager
def _unhurried(connection: Connection) -> Iterator[None]:
    """Without the limits of everyday statements, where there are any."""
    if connection.dialect.name != "postgresql":
        yield
        return
    driver: Any = connection.connection.driver_connection
    before, driver.answer_seconds = driver.answer_seconds, _MIGRATION_SECONDS
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    try:
        yield
    finally:
        driver.answer_seconds = before
