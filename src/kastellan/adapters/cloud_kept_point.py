"""What restore points kept by a cloud have in common: nobody can read them; they are what their cloud says (DI-7)."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from kastellan.adapters.postgres.held import Held
from kastellan.domain.errors import InvalidInputError, KastellanError
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.domain.restore_point import RestorePoint, Retention, expired, is_name
from kastellan.domain.version import Version
from kastellan.ports.progress import Progress

STEP = "restore-point"

Kept = tuple[dict[str, Any], RestorePoint]
"""What the cloud keeps, as it tells it, and the restore point that it is."""


def require_name(key: str) -> None:
    """Take nothing for a key that no cloud takes.

    Raises:
        InvalidInputError: it names no restore point.
    """
    if not is_name(key):
        raise InvalidInputError(f"{key!r} names no restore point; letters, digits, dots, dashes, at most 160")


def point_begun(held: Held, *, installation: str, key: str, at: datetime, version: Version | None) -> RestorePoint:
    """A restore point that is begun now: it holds at least what the database held just before."""
    return RestorePoint(
        installation=installation,
        key=key,
        at=at,
        size=0,
        digest="",
        server_version=held.server_version,
        version=version,
        newest_event=held.newest_event,
        rows=held.rows,
        exact=False,
    )


def flaws(point: RestorePoint, status: str | None, *, whole: str, cloud: str, what: str) -> tuple[Reason, ...]:
    """Why it would not restore, by its status at the cloud; None where the cloud has it no more."""
    if status is None:
        return (_flaw(point, "gone", f"its {what} is not there any more", what),)
    if status != whole:
        return (_flaw(point, "damaged", f"{cloud} says that its {what} is {status}", what),)
    return ()


def prune(
    kept: Iterable[Kept],
    retention: Retention,
    now: datetime,
    *,
    delete: Callable[[dict[str, Any]], None],
    log: Progress,
) -> None:
    """Delete what is older than it has to be; old ones that stay for once are no reason to call a new one unmade."""
    try:
        ours = {point.key: (one, point) for one, point in kept}
        for old in expired((point for _, point in ours.values()), retention, now):
            delete(ours[old.key][0])
    except KastellanError as problem:
        log.report(STEP, f"old restore points were left: {problem.message}")


def _flaw(point: RestorePoint, code: str, said: str, what: str) -> Reason:
    return Reason(
        code=f"restore-point-{code}",
        message=f"restore point {point.key}: {said}",
        owner=Party.VENDOR,
        remediation=f"make a new one before anything is migrated; find out what happened to the {what}",
        clause="DI-7",
    )
