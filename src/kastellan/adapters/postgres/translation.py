"""Turns what psycopg raises into errors of kastellan; its messages name hosts and roles, and never a password."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors

from kastellan.domain.errors import (
    ForbiddenError,
    KastellanError,
    ServerFaultError,
    StepFailedError,
    ThrottledError,
    UnauthenticatedError,
    UnreachableError,
    UntrustedError,
)


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Run something against a database.

    Args:
        doing: operation and server, such as `asking PostgreSQL at db:5432`.

    Raises:
        UnreachableError, ThrottledError, ServerFaultError: temporary.
        UntrustedError, UnauthenticatedError, ForbiddenError, StepFailedError: permanent.
    """
    try:
        yield
    except psycopg.Error as cause:
        raise _error(doing, cause) from cause


def _error(doing: str, cause: psycopg.Error) -> KastellanError:
    match cause:
        case errors.InsufficientPrivilege():
            return ForbiddenError(
                f"{doing}: {_first_line(cause)}", remediation="grant the role this right, or name another role"
            )
        case errors.DiskFull():
            return ServerFaultError(f"{doing}: its disk is full", remediation="make room on the server, and repeat it")
        case errors.TooManyConnections():
            return ThrottledError(f"{doing}: it takes no more connections")
        case _:
            return _by_words(doing, cause)


def _by_words(doing: str, cause: psycopg.Error) -> KastellanError:
    """What libpq says before there is an SQLSTATE."""
    said = " ".join(str(cause).split())
    if "certificate verify failed" in said or "does not match host name" in said:
        return UntrustedError(
            f"{doing}: its certificate does not verify", remediation="give its authority, and the name that it carries"
        )
    if "password authentication failed" in said:
        return UnauthenticatedError(f"{doing}: it does not accept the password of this role")
    if isinstance(cause, psycopg.OperationalError):
        return UnreachableError(f"{doing}: no answer ({_first_line(cause)})")
    return StepFailedError(f"{doing}: {_first_line(cause)}", step="restore-point")


def _first_line(cause: psycopg.Error) -> str:
    """The message proper: what follows it may quote a row."""
    lines = [line.strip() for line in str(cause).splitlines() if line.strip()]
    return (lines or [type(cause).__name__])[0][:200]
