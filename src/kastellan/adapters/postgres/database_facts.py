"""Collects the facts about a PostgreSQL server for the preflight; what is made in it is undone in its transaction."""

import tempfile
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import errors, sql

from kastellan.adapters.foreign_authority import foreign_authority
from kastellan.config.stack import StackConfig
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.preflight.facts import Database, Refused, Unknown

Session = psycopg.Connection[tuple[Any, ...]]

_SECONDS = 10
"""For a connection and for a statement."""
_TRANSACTIONS = 20
"""Transactions over which one session has to keep its process and its settings (design: PG-3)."""


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


def collect_database(access: DatabaseAccess) -> Database | Refused | Unknown:
    """Ask the database; a refusal is a fact, no answer is unknown."""
    with tempfile.TemporaryDirectory(prefix="kastellan-") as folder:
        ours, foreign = Path(folder) / "ca.pem", Path(folder) / "foreign.pem"
        ours.write_text(access.ca)
        foreign.write_text(foreign_authority())
        try:
            if access.admin_user:
                with closing(_connect(access, ours, admin=True)) as admin:
                    problem, exists = _admin_problem(admin, access), _exists(admin, access)
                    if not exists:
                        return _asked(admin, access, foreign, problem, exists=False)
            else:
                problem = ""
            with closing(_connect(access, ours)) as session:
                return _asked(session, access, foreign, problem, exists=True)
        except psycopg.OperationalError as failure:
            return _refusal(failure, access)
        except psycopg.Error as failure:
            return Unknown(_reason("database-error", f"PostgreSQL said: {_first_line(failure)}", "look at its log"))


def _connect(access: DatabaseAccess, authority: Path, *, admin: bool = False) -> Session:
    session = psycopg.connect(
        host=access.host,
        port=access.port,
        dbname="postgres" if admin else access.name,
        user=access.admin_user if admin else access.user,
        password=access.admin_password if admin else access.password,
        sslmode="verify-full",
        sslrootcert=str(authority),
        connect_timeout=_SECONDS,
        application_name="kastellan-preflight",
    )
    session.execute(sql.SQL("set statement_timeout = {}").format(_SECONDS * 1000))
    session.commit()
    return session


def _asked(session: Session, access: DatabaseAccess, foreign: Path, problem: str, *, exists: bool) -> Database:
    recovery, read_only = _row(session, "select pg_is_in_recovery(), current_setting('transaction_read_only')")
    (encrypted,) = _row(session, "select coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false)")
    session.rollback()
    left, tightest = _connections_for_the_role(session)
    return Database(
        version=session.info.server_version,
        writable=not recovery and read_only == "off",
        encrypted=bool(encrypted),
        foreign_authority_refused=_foreign_authority_refused(access, foreign, admin=not exists),
        role_may_create=exists and _may_create(session),
        admin_problem=problem,
        admin_given=bool(access.admin_user),
        exists=exists,
        connections_left=left,
        tightest=tightest,
        session_kept=_session_kept(session),
    )


def _admin_problem(admin: Session, access: DatabaseAccess) -> str:
    superuser, roles, databases = _row(
        admin, "select rolsuper, rolcreaterole, rolcreatedb from pg_roles where rolname = current_user"
    )
    lacking = [] if superuser else [name for name, has in (("CREATEROLE", roles), ("CREATEDB", databases)) if not has]
    return f"the administrator {access.admin_user} lacks {' and '.join(lacking)}" if lacking else ""


def _exists(admin: Session, access: DatabaseAccess) -> bool:
    row = admin.execute(
        "select exists (select from pg_roles where rolname = %s)"
        " and exists (select from pg_database where datname = %s)",
        (access.user, access.name),
    ).fetchone()
    admin.rollback()
    return bool(row and row[0])


def _may_create(session: Session) -> bool:
    """Make a schema and undo it: what the catalogue says about privileges is one thing, the deed another."""
    try:
        session.execute("create schema kastellan_preflight")
    except (errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction):
        return False
    finally:
        session.rollback()
    return True


def _connections_for_the_role(session: Session) -> tuple[int, str]:
    """Connections that the role may have, by the tightest of the three limits; -1 means that one sets none.

    Its own sessions are not counted as used: what runs already is part of what it needs.
    """
    most, reserved, used = _row(
        session,
        "select current_setting('max_connections')::int,"
        " current_setting('superuser_reserved_connections')::int"
        " + coalesce(current_setting('reserved_connections', true)::int, 0),"
        " (select count(*)::int from pg_stat_activity"
        " where backend_type = 'client backend' and usename <> current_user)",
    )
    (role,) = _row(session, "select rolconnlimit from pg_roles where rolname = current_user")
    database, of_database = _row(
        session,
        "select datconnlimit, (select count(*)::int from pg_stat_activity"
        " where datname = current_database() and usename <> current_user)"
        " from pg_database where datname = current_database()",
    )
    session.rollback()
    limits = [(most - reserved - used, "max_connections")]
    if role >= 0:
        limits.append((role, "the role's CONNECTION LIMIT"))
    if database >= 0:
        limits.append((database - of_database, "the database's CONNECTION LIMIT"))
    return min(limits)


def _session_kept(session: Session) -> bool:
    """Whether one session stays one: a pooler in transaction mode changes the process and forgets settings."""
    session.execute("set kastellan.marker = 'kept'")
    session.commit()
    seen = set()
    for _ in range(_TRANSACTIONS):
        seen.add(_row(session, "select pg_backend_pid(), current_setting('kastellan.marker', true)"))
        session.commit()
    return len(seen) == 1 and next(iter(seen))[1] == "kept"


def _foreign_authority_refused(access: DatabaseAccess, foreign: Path, *, admin: bool) -> bool:
    """The control of the TLS check: trusting another authority must fail, or verification means nothing."""
    try:
        _connect(access, foreign, admin=admin).close()
    except psycopg.OperationalError as problem:
        return "certificate verify failed" in str(problem)
    return False


def _row(session: Session, query: LiteralString) -> tuple[Any, ...]:
    row = session.execute(query).fetchone()
    if row is None:
        raise psycopg.DataError("a query that always gives a row gave none")
    return row


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


def _refusal(problem: psycopg.OperationalError, access: DatabaseAccess) -> Refused | Unknown:
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
