"""Collects the facts about a PostgreSQL server for the preflight; what is made in it is undone in its transaction."""

from typing import Any

import psycopg
from psycopg import errors

from kastellan.adapters.foreign_authority import foreign_authority
from kastellan.adapters.postgres.session import DatabaseAccess, Session, refusal, row, session_with
from kastellan.preflight.database_facts import Administrator, Database
from kastellan.preflight.facts import Refused, Unknown

_TRANSACTIONS = 20
"""Transactions over which one session has to keep its process and its settings (design: PG-3)."""
_DEED = "create schema kastellan_preflight"
_NAMES_OF_ZONES = 100
"""PostgreSQL brings about 600 names of time zones; where the system's are used and missing, only a few are left."""


def collect_database(access: DatabaseAccess) -> Database | Refused | Unknown:
    """Ask the database; a refusal is a fact, no answer is unknown."""
    try:
        if not access.admin_user:
            return _asked(access, None, role_exists=True, database_exists=True, connects=True)
        with session_with(access, admin=True) as session:
            admin = _administrator(session, access)
            role, database = _exist(session, access)
            # Where the role may not connect yet, `init` grants it that; then there is no session of its own to ask in.
            connects = role and database and (not admin.grants or _may_connect(session, access))
        return _asked(access, admin, role_exists=role, database_exists=database, connects=connects)
    except psycopg.Error as failure:
        return refusal(failure, access)


def _asked(
    access: DatabaseAccess, admin: Administrator | None, *, role_exists: bool, database_exists: bool, connects: bool
) -> Database:
    with session_with(access, admin=not connects) as session:
        recovery, read_only = row(
            session, (bool, str), "select pg_is_in_recovery(), current_setting('transaction_read_only')"
        )
        (encrypted,) = row(
            session,
            (bool,),
            "select coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false)",
        )
        session.rollback()
        left, tightest = _connections_for_the_role(session)
        encoding, collation, stale, procedural, zones = _text(session, access.name if database_exists else "template1")
        return Database(
            version=session.info.server_version,
            writable=not recovery and read_only == "off",
            encrypted=bool(encrypted),
            foreign_authority_refused=_foreign_authority_refused(access, admin=not connects),
            role_exists=role_exists,
            database_exists=database_exists,
            role_may_create=connects and _may_create(session),
            read_only_refused=_read_only_refused(session),
            admin=admin,
            connections_left=left,
            tightest=tightest,
            session_kept=_session_kept(session, access, admin=not connects),
            encoding=encoding,
            collation=collation,
            collation_stale=stale,
            speaks_plpgsql=procedural,
            knows_time_zones=zones >= _NAMES_OF_ZONES,
        )


def _administrator(session: Session, access: DatabaseAccess) -> Administrator:
    superuser, roles, databases = row(
        session,
        (bool, bool, bool),
        "select rolsuper, rolcreaterole, rolcreatedb from pg_roles where rolname = current_user",
    )
    (grants,) = row(
        session,
        (bool,),
        "select coalesce((select pg_has_role(current_user, datdba, 'usage')"
        " or has_database_privilege(oid, 'create with grant option') from pg_database where datname = %s), false)",
        access.name,
    )
    session.rollback()
    return Administrator(
        creates_roles=superuser or roles, creates_databases=superuser or databases, grants=superuser or grants
    )


def _exist(session: Session, access: DatabaseAccess) -> tuple[bool, bool]:
    role, database = row(
        session,
        (bool, bool),
        "select exists (select from pg_roles where rolname = %s), exists (select from pg_database where datname = %s)",
        access.user,
        access.name,
    )
    session.rollback()
    return role, database


def _may_connect(session: Session, access: DatabaseAccess) -> bool:
    (connects,) = row(
        session, (bool,), "select has_database_privilege(%s::name, %s::text, 'connect')", access.user, access.name
    )
    session.rollback()
    return bool(connects)


def _may_create(session: Session) -> bool:
    """Make a schema and undo it: what the catalogue says about privileges is one thing, the deed another."""
    try:
        session.execute(_DEED)
    except (errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction):
        return False
    finally:
        session.rollback()
    return True


def _read_only_refused(session: Session) -> bool:
    """The control of the deed: where it comes through in a transaction that may only read, it was never done."""
    session.execute("set transaction read only")
    try:
        session.execute(_DEED)
    except errors.ReadOnlySqlTransaction:
        return True
    finally:
        session.rollback()
    return False


def _connections_for_the_role(session: Session) -> tuple[int, str]:
    """Connections that the role may have, by the tightest of the three limits; -1 means that one sets none.

    Its own sessions are not counted as used: what runs already is part of what it needs.
    """
    most, reserved, used = row(
        session,
        (int, int, int),
        "select current_setting('max_connections')::int,"
        " current_setting('superuser_reserved_connections')::int"
        " + coalesce(current_setting('reserved_connections', true)::int, 0),"
        " (select count(*)::int from pg_stat_activity"
        " where backend_type = 'client backend' and usename <> current_user)",
    )
    (role,) = row(session, (int,), "select rolconnlimit from pg_roles where rolname = current_user")
    database, of_database = row(
        session,
        (int, int),
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


def _text(session: Session, database: str) -> tuple[str, str, bool, bool, int]:
    """Encoding, collation, whether that is stale, whether PL/pgSQL is there, and how many names of time zones."""
    encoding, collation = row(
        session,
        (str, str),
        # Of a provider other than libc, the locale has a column of its own, whose name is another one since 17.
        "select pg_encoding_to_char(encoding),"
        " coalesce(to_jsonb(d)->>'datlocale', to_jsonb(d)->>'daticulocale', datcollate)"
        " from pg_database d where datname = %s",
        database,
    )
    stale = False
    if session.info.server_version >= 15_00_00:  # before, only collations themselves had a version
        (stale,) = row(
            session,
            (bool,),
            "select coalesce(datcollversion <> pg_database_collation_actual_version(oid), false)"
            " from pg_database where datname = %s",
            database,
        )
    procedural, zones = row(
        session,
        (bool, int),
        "select exists (select from pg_language where lanname = 'plpgsql'),"
        " (select count(*)::int from pg_timezone_names)",
    )
    session.rollback()
    return encoding, collation, stale, procedural, zones


def _session_kept(session: Session, access: DatabaseAccess, *, admin: bool) -> bool:
    """Whether one session stays one: a pooler in transaction mode exchanges the process and forgets settings.

    Where nobody else uses the pooler, each transaction gets the same process again and nothing would show. So a second
    session has its transactions between those of the first: it must have a process and a setting of its own.
    """
    with session_with(access, admin=admin) as other:
        session.execute("set kastellan.marker = 'kept'")
        session.commit()
        ours: set[tuple[Any, ...]] = set()
        theirs: set[tuple[Any, ...]] = set()
        for _ in range(_TRANSACTIONS):
            for one, seen in ((session, ours), (other, theirs)):
                found = row(
                    one,
                    (int, bool | None),
                    "select pg_backend_pid(), current_setting('kastellan.marker', true) = 'kept'",
                )
                seen.add(found)
                one.commit()
    return (
        len(ours) == len(theirs) == 1
        and {bool(kept) for _, kept in ours} == {True}
        and {bool(kept) for _, kept in theirs} == {False}
        and {process for process, _ in ours}.isdisjoint(process for process, _ in theirs)
    )


def _foreign_authority_refused(access: DatabaseAccess, *, admin: bool) -> bool:
    """The control of the TLS check: trusting another authority must fail, or verification means nothing."""
    try:
        with session_with(access, admin=admin, authority=foreign_authority()):
            return False
    except psycopg.OperationalError as problem:
        if "certificate verify failed" in str(problem):
            return True
        raise  # no answer to the control, which is none to the check either
