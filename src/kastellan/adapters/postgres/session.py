"""A session with the installation's database, as its role or as the administrator; TLS is verified in full."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import UnionType
from typing import Any, LiteralString

import psycopg
from psycopg import errors, sql

from kastellan.adapters.postgres.bounded_connection import BoundedConnection
from kastellan.config.stack import StackConfig
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.preflight.facts import Refused, Unknown

Session = psycopg.Connection[tuple[Any, ...]]

Shape = tuple[type | UnionType, ...]

_SECONDS = 10
"""For a connection and for a statement."""
_GRACE_SECONDS = 2
"""So much later than the server we give a statement up ourselves: it is not the server that is silent then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseAccess:
    """How the installation reaches its database.

    Attributes:
        host: name or address, as in the certificate.
        port: TCP port.
        name: of the database.
        user: role that ZITADEL runs as.
        password: of the role; empty where it is not known.
        ca: PEM of the authorities that may sign.
        admin_user: administrator, or empty.
        admin_password: of the administrator.
        address: where to connect to, where `host` leads elsewhere; the certificate is judged by `host` all the same.
        connects: begins a session, as psycopg does but bounded; tests put faults before it.
    """

    host: str
    port: int
    name: str
    user: str
    password: str = field(repr=False)
    ca: str
    admin_user: str = ""
    admin_password: str = field(repr=False, default="")
    address: str = ""
    connects: Callable[..., BoundedConnection] = field(repr=False, compare=False, default=BoundedConnection.connect)

    @classmethod
    def of(cls, stack: StackConfig) -> "DatabaseAccess | None":
        """The access that a stack describes; None where its secrets are sealed."""
        if stack.secrets is None:
            return None
        database = stack.installation.database
        return cls(
            host=database.host,
            port=database.port,
            name=database.name,
            user=database.user,
            password=stack.secrets.database_password,
            ca=database.ca,
            admin_user=database.admin_user,
            admin_password=stack.secrets.database_admin_password,
        )


@contextmanager
def session_with(access: DatabaseAccess, *, admin: bool = False, authority: str = "") -> Iterator[Session]:
    """A session that ends with the block.

    Args:
        access: how to reach the database.
        admin: as the administrator, in the database `postgres`, instead of the role in its own.
        authority: PEM that is trusted instead of the given one.

    Raises:
        psycopg.OperationalError: there is none; `refusal` tells it.
    """
    with tempfile.TemporaryDirectory(prefix="kastellan-") as folder:
        trusted = Path(folder) / "ca.pem"
        trusted.write_text(authority or access.ca)
        session = access.connects(
            host=access.host,
            port=access.port,
            dbname="postgres" if admin else access.name,
            user=access.admin_user if admin else access.user,
            password=access.admin_password if admin else access.password,
            sslmode="verify-full",
            sslrootcert=str(trusted),
            connect_timeout=_SECONDS,
            application_name="kastellan-preflight",
            prepare_threshold=None,  # a prepared statement is lost where a pooler exchanges the server's process
        )
        session.answer_seconds = _SECONDS + _GRACE_SECONDS
        with closing(session):
            session.execute(sql.SQL("set statement_timeout = {}").format(_SECONDS * 1000))
            session.commit()
            yield session


def row(session: Session, shape: Shape, query: LiteralString, *parameters: object) -> tuple[Any, ...]:
    """The row of a query that always gives one.

    Args:
        session: to ask in.
        shape: the type of each column, as `isinstance` takes it.
        query: one statement.
        parameters: of it.

    Raises:
        psycopg.Error: it failed.
        TypeError: there is no row, or one of another shape.
    """
    found = session.execute(query, parameters or None).fetchone()
    if found is None:
        raise TypeError(f"a query that always gives a row gave none: {query[:80]}")
    return shaped(found, shape)


def rows(session: Session, shape: Shape, query: LiteralString, *parameters: object) -> list[tuple[Any, ...]]:
    """All rows of a query, of a shape; raises as `row`."""
    return [shaped(one, shape) for one in session.execute(query, parameters or None).fetchall()]


def shaped(found: tuple[Any, ...], shape: Shape) -> tuple[Any, ...]:
    """The row, where it has this shape: an answer that is something else is none, and no fact.

    Raises:
        TypeError: it has another one.
    """
    fits = len(found) == len(shape) and all(map(isinstance, found, shape))
    if not fits:
        told = ", ".join(type(value).__name__ for value in found)
        raise TypeError(f"PostgreSQL answered with a row of {told or 'nothing'}, which is not what was asked for")
    return found


_REFUSALS = (
    ("certificate verify failed", "tls-untrusted", "its certificate does not verify with the given authority",
     "give the authority that signed it (installation:database.ca), or renew the certificate"),
    ("does not match host name", "tls-name", "its certificate is for another name",
     "use the name of the certificate as host, or issue one for this name"),
    ("server does not support SSL", "tls-off", "it does not offer TLS", "switch TLS on (annex: strict TLS)"),
    ("password authentication failed", "password", "it does not accept the password of this role",
     "set installation:database.password to the role's password"),
    ("no pg_hba.conf entry", "pg-hba", "its pg_hba.conf lets this role not in from here",
     "add a hostssl line for this role, database and source"),
    ("does not exist", "missing", "role or database does not exist",
     "make them, or give an administrator (installation:database.admin)"),
    ("permission denied for database", "connect", "the role may not connect to the database",
     "GRANT CONNECT ON DATABASE to the role"),
    ("not permitted to log in", "login", "the role may not log in", "ALTER ROLE it WITH LOGIN"),
)  # fmt: skip
"""What libpq says, our code and sentence for it, and what to do. Anything else is no answer."""


def refusal(problem: psycopg.Error, access: DatabaseAccess) -> Refused | Unknown:
    """What a failure says: that the server refuses, or that it gives no answer."""
    if isinstance(problem, errors.InsufficientPrivilege):
        said = f"PostgreSQL refused a question: {_first_line(problem)}"
        return Unknown(_reason("right-missing", said, "GRANT the role that right; pg_monitor gives all to read with"))
    if not isinstance(problem, psycopg.OperationalError):
        return Unknown(_reason("database-error", f"PostgreSQL said: {_first_line(problem)}", "look at its log"))
    said = " ".join(str(problem).split())
    server = f"PostgreSQL at {access.host}:{access.port}"
    for part, code, sentence, remediation in _REFUSALS:
        if part in said:
            return Refused(reason=_reason(code, f"{server}: {sentence}", remediation))
    return Unknown(
        _reason(
            "database-unreachable",
            f"{server} gave no answer ({_first_line(problem)})",
            "open the way from here to the database, or run the preflight where the pods will run",
        )
    )


def _first_line(problem: psycopg.Error) -> str:
    lines = [line.strip() for line in str(problem).splitlines() if line.strip()]
    return (lines or [type(problem).__name__])[-1][:200]


def _reason(code: str, message: str, remediation: str) -> Reason:
    return Reason(code=code, message=message, owner=Party.CUSTOMER, remediation=remediation, clause="DI-4")
