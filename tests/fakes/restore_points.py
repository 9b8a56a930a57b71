"""Restore points that are made at once and hold nothing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from kastellan.domain.reason import Reason
from kastellan.domain.restore_point import Restored, RestorePoint
from kastellan.domain.version import Version


@dataclass
class FakeRestorePoints:
    """Attributes: what `check` finds, what `make` does first, and the points by key."""

    flaws: tuple[Reason, ...] = ()
    before: Callable[[], None] = lambda: None
    points: dict[str, RestorePoint] = field(default_factory=dict)

    def make(
        self, key: str, now: datetime, *, version: Version | None = None, budget_seconds: float = 6 * 3600.0
    ) -> RestorePoint:
        self.before()
        point = RestorePoint(
            installation="acme",
            key=key,
            at=now,
            size=7,
            digest="d" * 64,
            server_version=170000,
            version=version,
            newest_event=None,
            rows={},
        )
        return self.points.setdefault(key, point)

    def list(self) -> tuple[RestorePoint, ...]:
        return tuple(self.points.values())

    def check(self, point: RestorePoint) -> tuple[Reason, ...]:
        return self.flaws

    def drill(self, point: RestorePoint, *, budget_seconds: float = 6 * 3600.0) -> Restored:
        return Restored(point=point, seconds=1.0, newest_event=None)
