"""Restore points of a database that is a list of events."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from kastellan.domain.errors import InvalidInputError, StepFailedError
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.domain.restore_point import EventMark, Restored, RestorePoint, Retention, expired, is_name
from kastellan.domain.version import Version

if TYPE_CHECKING:
    from collections.abc import Callable

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


class FakeRestorePoints:
    """Implements `ports.restore_points.RestorePoints`.

    Attributes:
        events: positions of the events in the database; a test adds to it.
        dumps: key to what was dumped; a test harms it.
        made: keys in the order in which dumps were really made.
        points: what is finished, by key.
        flaws: what `check` finds besides.
        before: called first by `make`.
    """

    def __init__(self, installation: str = "acme", retention: Retention | None = None) -> None:
        self._installation = installation
        self._retention = retention or Retention()
        self.points: dict[str, RestorePoint] = {}
        self.events: list[int] = []
        self.dumps: dict[str, bytes] = {}
        self.scratch: set[str] = set()
        self.made: list[str] = []
        self.flaws: tuple[Reason, ...] = ()
        self.before: Callable[[], None] = lambda: None

    def make(
        self, key: str, now: datetime, *, version: Version | None = None, budget_seconds: float = 6 * 3600.0
    ) -> RestorePoint:
        if not is_name(key):
            raise InvalidInputError(f"{key!r} names no restore point")
        self.before()
        if key in self.points:
            return self.points[key]
        content = ",".join(map(str, self.events)).encode() + b"."
        self.dumps[key] = content
        point = RestorePoint(
            installation=self._installation,
            key=key,
            at=now,
            size=len(content),
            digest=hashlib.sha256(content).hexdigest(),
            server_version=170010,
            version=version,
            newest_event=self._newest(self.events),
            rows={"eventstore.events2": len(self.events), "projections.sessions": len(self.events)},
        )
        self.points[key] = point
        self.made.append(key)
        for old in expired(self.points.values(), self._retention, now):
            del self.points[old.key], self.dumps[old.key]
        return point

    def list(self) -> tuple[RestorePoint, ...]:
        return tuple(sorted(self.points.values(), key=lambda point: (point.at, point.key), reverse=True))

    def check(self, point: RestorePoint) -> tuple[Reason, ...]:
        dump = self.dumps.get(point.key)
        if self.flaws:
            return self.flaws
        if dump is None:
            return (self._flaw("gone"),)
        return () if hashlib.sha256(dump).hexdigest() == point.digest else (self._flaw("damaged"),)

    def drill(self, point: RestorePoint, *, budget_seconds: float = 6 * 3600.0) -> Restored:
        self.scratch.discard(point.key)
        if self.check(point):
            raise StepFailedError(f"restore point {point.key} is not what was written", step="drill")
        events = [int(part) for part in self.dumps[point.key].decode()[:-1].split(",") if part]
        rows = {"eventstore.events2": len(events), "projections.sessions": len(events)}
        return Restored(point=point, seconds=1.5, newest_event=self._newest(events), rows=rows)

    def _newest(self, events: "list[int]") -> EventMark | None:
        return EventMark(position=str(events[-1]), at=BEGIN + timedelta(seconds=events[-1])) if events else None

    def _flaw(self, what: str) -> Reason:
        return Reason(
            code=f"restore-point-{what}", message=f"it is {what}", owner=Party.VENDOR, remediation="make a new one"
        )
