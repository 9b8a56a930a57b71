"""Restore points of a database, and what a drill with one shows (DI-7).

A restore point is complete by itself: it carries what the database held at its instant, so that a drill months later,
on another server, can tell whether everything came back.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from kastellan.domain.ledger import Draft, utc_text
from kastellan.domain.version import Version

PROMISED_RPO = timedelta(hours=1)
"""What a disaster may lose at most (DI-7)."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,159}")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventMark:
    """The newest event of `eventstore.events2`: how far the installation's own record reaches.

    Attributes:
        position: ZITADEL's position, a decimal number as text.
        at: when the event was made, by the database's clock (UTC).
    """

    position: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RestorePoint:
    """A finished restore point.

    Attributes:
        installation: whose.
        key: what it is called; one key is one restore point.
        at: an instant (UTC) so that everything committed before it is in the restore point.
        size: bytes of the dump.
        digest: SHA-256 of the dump, in hexadecimal; empty where nobody can read what was kept.
        server_version: of the PostgreSQL server that it was taken from, as `server_version_num`.
        version: release of ZITADEL that the installation had; None where nobody told.
        newest_event: None where the installation had no event yet.
        rows: table, as `schema.name`, to its number of rows.
        exact: whether event and rows are of the very snapshot that was kept. If not, they were asked just before, so
            that at least these are in it, and `rows` may leave tables out.
    """

    installation: str
    key: str
    at: datetime
    size: int
    digest: str
    server_version: int
    version: Version | None = None
    newest_event: EventMark | None
    rows: Mapping[str, int]
    exact: bool = True

    def __post_init__(self) -> None:
        for text in (self.installation, self.key):
            if not is_name(text):
                raise ValueError(f"{text!r} names no restore point; letters, digits, dots, dashes, at most 160")


def is_name(text: str) -> bool:
    """Whether a text may be the key of a restore point: it becomes part of file and object names."""
    return _NAME.fullmatch(text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long restore points are kept.

    Attributes:
        age: younger ones are kept.
        keep: so many of the newest are kept, whatever their age.
    """

    age: timedelta = timedelta(days=90)
    keep: int = 3

    def __post_init__(self) -> None:
        if self.keep < 1 or self.age <= timedelta():
            raise ValueError("at least one restore point is kept, and for some time")


def expired(points: Iterable[RestorePoint], retention: Retention, now: datetime) -> tuple[RestorePoint, ...]:
    """Those of one installation that retention no longer keeps at `now`, newest first."""
    newest_first = sorted(points, key=lambda point: (point.at, point.key), reverse=True)
    return tuple(point for point in newest_first[retention.keep :] if now - point.at > retention.age)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a scratch database held after a restore, and how long that took.

    Attributes:
        point: what was restored.
        seconds: from the first byte to the last comparison: after so long somebody could use it.
        newest_event: see `RestorePoint`.
        rows: see `RestorePoint`.
    """

    point: RestorePoint
    seconds: float
    newest_event: EventMark | None
    rows: Mapping[str, int] = field(default_factory=dict)

    @property
    def differences(self) -> tuple[str, ...]:
        """Everything in which it is not what the restore point says, in words; empty where all came back."""
        return tuple(_differences(self.point, self))


def _differences(point: RestorePoint, restored: Restored) -> Iterable[str]:
    for table in sorted(point.rows.keys() | restored.rows.keys()):
        expected, found = point.rows.get(table), restored.rows.get(table)
        if expected is None:
            if point.exact:
                yield f"{table} came out of nowhere, with {found} rows"
        elif found is None:
            yield f"{table} is missing, with its {expected} rows"
        elif found < expected or (point.exact and found != expected):
            yield f"{table} has {found} rows instead of {expected}"
    if point.newest_event == restored.newest_event:
        return
    if point.exact or not _reaches(restored.newest_event, point.newest_event):
        yield f"the newest event is {_named(restored.newest_event)} instead of {_named(point.newest_event)}"


def _reaches(event: EventMark | None, least: EventMark | None) -> bool:
    """Whether an event is not before another one."""
    return least is None or (event is not None and Decimal(event.position) >= Decimal(least.position))


def _named(event: EventMark | None) -> str:
    return f"that of {utc_text(event.at)} at position {event.position}" if event else "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """A restore drill and what it measured.

    Attributes:
        began: when (UTC).
        point: what was to be restored.
        restored: what came back; None where the restore failed.
        problem: why it failed; empty where it did not.
        age: of the newest restore point that there was when the drill began: what a disaster at that instant would have
            lost (RPO); None where there was none.
    """

    began: datetime
    point: RestorePoint
    restored: Restored | None = None
    problem: str = ""
    age: timedelta | None

    @property
    def problems(self) -> tuple[str, ...]:
        """Everything that did not come back as it was; empty where the drill passed."""
        return self.restored.differences if self.restored else (self.problem or "it was not restored",)

    @property
    def passed(self) -> bool:
        """Whether everything came back."""
        return not self.problems

    @property
    def keeps_promise(self) -> bool:
        """Whether restore points alone would have kept the promised RPO (DI-7)."""
        return self.age is not None and self.age <= PROMISED_RPO

    @property
    def draft(self) -> Draft:
        """What the ledger records of it; seconds are whole, rounded up."""
        rows = self.restored.rows if self.restored else {}
        return Draft(
            kind="restore-drilled",
            key=f"restore-drilled/{utc_text(self.began)}",
            at=self.began,
            body={
                "restorePoint": self.point.key,
                "digest": f"sha256:{self.point.digest}" if self.point.digest else "",
                "at": utc_text(self.point.at),
                "passed": self.passed,
                "rpoSeconds": None if self.age is None else _whole(self.age.total_seconds()),
                "rtoSeconds": _whole(self.restored.seconds) if self.restored else None,
                "tables": len(rows),
                "rows": sum(rows.values()),
                "problems": _first(self.problems),
            },
        )


def _whole(seconds: float) -> int:
    return -int(-seconds // 1)


def _first(texts: Sequence[str], most: int = 20) -> list[str]:
    return [*texts[:most], *([f"and {len(texts) - most} more"] if len(texts) > most else [])]
