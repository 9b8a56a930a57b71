"""What a database holds: tables with their rows, and the newest event, all in one snapshot."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql

from kastellan.adapters.postgres.bounded_connection import ANSWER_SECONDS, BoundedConnection
from kastellan.adapters.postgres.session import DatabaseAccess
from kastellan.adapters.postgres.translation import translated
from kastellan.domain.restore_point import EventMark

Session = BoundedConnection
_CONNECT_SECONDS = 10
COUNT_SECONDS = 3600.0
"""For the rows of one table to be counted, where no budget says otherwise."""

_TABLES: LiteralString = """
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      AND NOT EXISTS (SELECT FROM pg_depend d
                      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
    ORDER BY 1, 2"""
"""Every table whose rows `pg_dump` writes: not those of extensions, which it makes anew by CREATE EXTENSION."""


@contextmanager
def connected(
    access: DatabaseAccess, *, database: str = "", autocommit: bool = False, answer_seconds: float = ANSWER_SECONDS
) -> Iterator[Session]:
    """A session over TLS that is verified in full, with no time limit of the server's on statements.

    Args:
        access: how to reach the database.
        database: instead of the installation's.
        autocommit: without a transaction; else everything is read in one snapshot.
        answer_seconds: how long to wait for each answer.

    Raises:
        TemporaryError, PermanentError: as `translation.translated` says.
    """
    doing = f"asking PostgreSQL at {access.host}:{access.port}"
    with tempfile.TemporaryDirectory(prefix="kastellan-") as folder, translated(doing):
        authority = Path(folder) / "ca.pem"
        authority.write_text(access.ca)
        session = BoundedConnection.connect(
            host=access.host,
            hostaddr=access.address or None,
            port=access.port,
            dbname=database or access.name,
            user=access.user,
            password=access.password,
            sslmode="verify-full",
            sslrootcert=str(authority),
            connect_timeout=_CONNECT_SECONDS,
            application_name="kastellan",
            autocommit=True,
        )
        session.answer_seconds = answer_seconds
        with closing(session):
            session.execute("SET statement_timeout = 0")
            session.execute("SET idle_in_transaction_session_timeout = 0")
            session.execute("SET lock_timeout = '60s'")
            if not autocommit:
                session.autocommit = False
                session.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                session.read_only = True
            yield session


def newest_event(session: Session) -> EventMark | None:
    """The last event in ZITADEL's order; None where there is no eventstore yet, or no event in it."""
    known = session.execute("SELECT to_regclass('eventstore.events2') IS NOT NULL").fetchone()
    if not known or not known[0]:
        return None
    row = session.execute(
        "SELECT position::text, created_at FROM eventstore.events2 ORDER BY position DESC, in_tx_order DESC LIMIT 1"
    ).fetchone()
    return EventMark(position=row[0], at=row[1].astimezone(UTC)) if row else None


def _untold(table: str, done: int, total: int) -> None:
    """For those who need not hear."""


def count_rows(session: Session, told: Callable[[str, int, int], None] = _untold) -> dict[str, int]:
    """Rows of every table, by `schema.name`; `told` hears which table it is at, and how many are done and there."""
    tables = session.execute(_TABLES).fetchall()
    rows = {}
    for number, (schema, name) in enumerate(tables):
        told(f"{schema}.{name}", number, len(tables))
        found = session.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, name))).fetchone()
        rows[f"{schema}.{name}"] = int(found[0]) if found else 0
    return rows


def event_rows(session: Session) -> dict[str, int]:
    """Rows of the event store's tables alone: everything else follows from them."""
    known = session.execute("SELECT to_regclass('eventstore.events2') IS NOT NULL").fetchone()
    if not known or not known[0]:
        return {}
    found = session.execute("SELECT count(*) FROM eventstore.events2").fetchone()
    return {"eventstore.events2": int(found[0]) if found else 0}
