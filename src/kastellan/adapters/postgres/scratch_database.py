"""A database that exists for the length of a drill, on a server of one's choice, and is gone afterwards."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from psycopg import sql

from kastellan.adapters.postgres.contents import Session, connected
from kastellan.adapters.postgres.session import DatabaseAccess
from kastellan.domain.errors import ConflictError, ForbiddenError
from kastellan.domain.restore_point import RestorePoint

PREFIX = "kastellan_drill_"
"""Every scratch database has it; nothing without it is ever dropped."""
_MAKE_SECONDS = 600.0
"""For a database to be made, or to be dropped with all its files."""


@contextmanager
def scratch_database(server: DatabaseAccess, point: RestorePoint) -> Iterator[DatabaseAccess]:
    """Make an empty database, and drop it at the end, whatever happens in between.

    Its name follows from the restore point, so that what a killed drill left is found and dropped by the next one. A
    session lock on the server keeps two drills of one restore point apart; it ends with its session.

    Args:
        server: whose `name` is a database to connect to meanwhile, such as `postgres`; its role may create databases.
        point: what is restored into it.

    Raises:
        ConflictError: another process holds it.
        ForbiddenError: the role may not create databases.
    """
    name = PREFIX + hashlib.sha256(f"{point.installation}/{point.key}".encode()).hexdigest()[:16]
    with connected(server, autocommit=True, answer_seconds=_MAKE_SECONDS) as session:
        _lock(session, name)
        _drop(session, name)
        try:
            session.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name))
            )
            yield replace(server, name=name)
        finally:
            _drop(session, name)


def may_create_databases(session: Session) -> bool:
    """Whether the role of a session may make a scratch database."""
    row = session.execute("SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user").fetchone()
    return bool(row and row[0])


def _lock(session: Session, name: str) -> None:
    if not may_create_databases(session):
        raise ForbiddenError(
            "the role of the scratch server may not create databases",
            remediation="name a scratch server and a role that may, in installation:restorePoints.scratch",
        )
    row = session.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", (name,)).fetchone()
    if not row or not row[0]:
        raise ConflictError(f"another drill uses the scratch database {name}", remediation="wait for its end")


def _drop(session: Session, name: str) -> None:
    session.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
