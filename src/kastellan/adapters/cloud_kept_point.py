"""What restore points kept by a cloud have in common: nobody can read them; they are what their cloud says (DI-7)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kastellan.adapters.postgres.held import Held
from kastellan.domain.errors import InvalidInputError, KastellanError, StepFailedError
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.domain.restore_point import RestorePoint, Retention, expired, is_name
from kastellan.domain.version import Version
from kastellan.ports.progress import Progress

STEP = "restore-point"

Kept = Mapping[str, Any]
"""What the cloud keeps, as it tells it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPoints:
    """An installation's restore points among what a cloud keeps of its instance.

    Attributes:
        installation: whose.
        everything: asks the cloud for all that it keeps of the instance.
        read: the restore point that one of them is; None where it is none of ours.
        cloud: whose word is taken, such as `Google`.
        what: what the cloud calls one, such as `backup`.
        trail: where the cloud says who deleted one.
        status: key under which its status stands.
        whole: status of one that would restore.
        running: statuses of one that is still being made.
    """

    installation: str
    everything: Callable[[], Iterable[Kept]]
    read: Callable[[Kept], RestorePoint | None]
    cloud: str
    what: str
    trail: str
    status: str
    whole: str
    running: frozenset[str]

    def ours(self) -> Iterator[tuple[Kept, RestorePoint]]:
        """Each with the restore point that it is, whole or not."""
        for kept in self.everything():
            point = self.read(kept)
            if point is not None and point.installation == self.installation:
                yield kept, point

    def finished(self) -> tuple[RestorePoint, ...]:
        """Those that would restore, newest first."""
        found = [point for kept, point in self.ours() if kept[self.status] == self.whole]
        return tuple(sorted(found, key=lambda point: (point.at, point.key), reverse=True))

    def is_running(self, key: str) -> bool:
        """Whether one is still being made under a key."""
        return any(point.key == key and kept[self.status] in self.running for kept, point in self.ours())

    def made(self, key: str) -> RestorePoint | None:
        """The one under a key, if it would restore."""
        return next((point for point in self.finished() if point.key == key), None)

    def flaws(self, point: RestorePoint) -> tuple[Reason, ...]:
        """Why it would not restore, by what the cloud says of it."""
        kept = self._ended(point)
        if kept is None:
            return (self._flaw(point, "gone", f"its {self.what} is not there any more"),)
        if kept[self.status] != self.whole:
            said = f"{self.cloud} says that its {self.what} is {kept[self.status]}"
            return (self._flaw(point, "damaged", said),)
        return ()

    def require(self, point: RestorePoint) -> Kept:
        """What a drill restores.

        Raises:
            StepFailedError: it is gone, or no longer whole.
        """
        kept = self._ended(point)
        if kept is None or kept[self.status] != self.whole:
            raise StepFailedError(
                f"restore point {point.key} is not what was written: its {self.what} is gone or no longer whole",
                step="drill",
                remediation=f"find out who deleted it ({self.trail}); make a new restore point",
            )
        return kept

    def prune(self, retention: Retention, now: datetime, *, delete: Callable[[Kept], None], log: Progress) -> None:
        """Delete what is older than it has to be; old ones that stay for once do not make a new one unmade."""
        try:
            ours = {point.key: (kept, point) for kept, point in self.ours()}
            for old in expired((point for _, point in ours.values()), retention, now):
                delete(ours[old.key][0])
        except KastellanError as problem:
            log.report(STEP, f"old restore points were left: {problem.message}")

    def _ended(self, point: RestorePoint) -> Kept | None:
        """The one of a restore point, once it is not being made any more."""
        ended = (kept for kept, one in self.ours() if one.key == point.key and kept[self.status] not in self.running)
        return next(ended, None)

    def _flaw(self, point: RestorePoint, code: str, said: str) -> Reason:
        return Reason(
            code=f"restore-point-{code}",
            message=f"restore point {point.key}: {said}",
            owner=Party.VENDOR,
            remediation=f"make a new one before anything is migrated; find out what happened to the {self.what}",
            clause="DI-7",
        )


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
