"""Turns what SQLAlchemy raises into errors of kastellan; no URL and no statement in a message: they hold secrets."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DatabaseError, OperationalError

from kastellan.domain.errors import ConflictError, KastellanError, ServerFaultError, StuckError, UnreachableError

_FULL = ("disk is full", "disk i/o", "readonly", "read-only", "no space", "could not extend")
_LOCKED = ("locked", "lock timeout", "lock_timeout")
_SILENT = ("statement timeout", "no answer within", "idle-in-transaction timeout")


@contextmanager
def translated(operation: str) -> Iterator[None]:
    """Run a transaction of the store.

    Args:
        operation: what is done, such as `recording for acme`.

    Raises:
        UnreachableError: no connection, or locked for too long.
        ServerFaultError: the disk is full, or the database takes no writes.
        ConflictError: another transaction came first.
        StuckError: the database is no store of ours, or damaged.
    """
    try:
        yield
    except DatabaseError as cause:
        raise _error(operation, cause) from cause


def _error(operation: str, cause: DatabaseError) -> KastellanError:
    said = str(cause.orig).lower()
    if any(word in said for word in _FULL):
        return ServerFaultError(
            f"{operation}: the store takes no writes (disk full, or read-only); nothing was recorded",
            remediation="make room, or give write access, and repeat the command",
        )
    if any(word in said for word in _LOCKED):
        return UnreachableError(
            f"{operation}: the store is locked by another process; nothing was recorded", remediation="repeat it later"
        )
    if any(word in said for word in _SILENT):
        return UnreachableError(
            f"{operation}: the store gave no answer in time",
            remediation="see whether its server works, and what is between it and here; then repeat the command",
        )
    sqlstate = getattr(cause.orig, "sqlstate", None) or ""
    if sqlstate.startswith("40") or "unique" in said:
        return ConflictError(f"{operation}: somebody else wrote at the same time", remediation="repeat the command")
    if isinstance(cause, OperationalError) or sqlstate.startswith("08"):
        return UnreachableError(
            f"{operation}: the store cannot be reached", remediation="check --store and the server, and repeat it"
        )
    return StuckError(
        f"{operation}: the store answered with an error ({type(cause.orig).__name__} {sqlstate})".rstrip(),
        remediation="check that --store names a store of kastellan, and restore it from a backup if it is damaged",
    )
