"""Restore points as snapshots of RDS by hand: minutes whatever the size, kept by Amazon until they are deleted (DI-7).

What is weaker than with dumps, and told as such. What the database held is asked just before the snapshot begins, so
the snapshot holds at least that, and a drill can say no more. Nobody can read a snapshot without restoring it: `check`
knows what Amazon says about it. It lies in the account and region of the instance; it outlives the instance, and goes
with the account.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from kastellan.adapters.cloud_kept_point import STEP, Kept, KeptPoints, point_begun, require_name
from kastellan.adapters.postgres.held import Held, held_by
from kastellan.adapters.postgres.session import DatabaseAccess
from kastellan.adapters.rds.drill_instance import drill_instance
from kastellan.adapters.rds.instances import RdsInstances, Watch
from kastellan.adapters.rds.tagged_snapshot import point_of, snapshot_identifier, tags_of
from kastellan.domain.errors import ConflictError, StepFailedError
from kastellan.domain.reason import Reason
from kastellan.domain.restore_point import Restored, RestorePoint, Retention
from kastellan.domain.version import Version
from kastellan.ports.clock import Clock
from kastellan.ports.progress import Progress

_DELETE_SECONDS = 1200.0
_BROKEN = frozenset({"failed", "incompatible-restore"})


class RdsSnapshots:
    """Implements `ports.restore_points.RestorePoints`.

    Args:
        installation: whose.
        instance: that has the database.
        database: how the role of ZITADEL reaches it.
        rds: the API.
        holds: asks a database what it holds.
        retention: how long; RDS' own automated backups have theirs (35 days) and are none of these.
        clock: for budgets and durations.
        progress: told while something lasts.
    """

    def __init__(
        self,
        installation: str,
        *,
        instance: str,
        database: DatabaseAccess,
        rds: RdsInstances,
        holds: Callable[[DatabaseAccess], Held] = held_by,
        retention: Retention,
        clock: Clock,
        progress: Progress,
    ) -> None:
        self._installation = installation
        self._instance = instance
        self._database = database
        self._rds = rds
        self._points = KeptPoints(
            installation=installation, everything=lambda: rds.snapshots(instance), read=point_of, cloud="Amazon",
            what="snapshot", trail="CloudTrail", status="Status", whole="available", running=frozenset(),
        )  # fmt: skip
        self._holds = holds
        self._retention = retention
        self._clock = clock
        self._progress = progress

    @property
    def scratch_place(self) -> str:
        """Where drills restore, for people."""
        return f"a new RDS instance beside {self._instance}"

    def make(
        self, key: str, now: datetime, *, version: Version | None = None, budget_seconds: float = 6 * 3600.0
    ) -> RestorePoint:
        """See the port; a snapshot goes on by itself when its maker dies, and the next one waits for it."""
        require_name(key)
        deadline = self._clock.monotonic() + budget_seconds
        identifier = snapshot_identifier(self._installation, key)
        status = self._status(identifier)
        if status in _BROKEN:
            self._rds.delete_snapshot(identifier)
        if not status or status in _BROKEN:
            self._begin(key, identifier, now.replace(microsecond=0), version)
        self._rds.await_snapshot(
            self._instance, identifier, budget_seconds=deadline - self._clock.monotonic(),
            watch=self._told(STEP, "the snapshot"),
        )  # fmt: skip
        made = self._points.made(key)
        if made is None:
            raise StepFailedError(
                f"Amazon has no whole snapshot {identifier} with our tags", step=STEP,
                remediation="see the events of the instance, and who took its tags away",
            )  # fmt: skip
        self._points.prune(self._retention, now, delete=self._delete, log=self._progress)
        return made

    def list(self) -> tuple[RestorePoint, ...]:
        """See the port."""
        return self._points.finished()

    def check(self, point: RestorePoint) -> tuple[Reason, ...]:
        """See the port; a snapshot cannot be read, so this is what Amazon says about it."""
        return self._points.flaws(point)

    def drill(self, point: RestorePoint, *, budget_seconds: float = 6 * 3600.0) -> Restored:
        """See the port; the scratch database is an instance of its own, which costs as long as it stands."""
        began = self._clock.monotonic()
        snapshot = self._points.require(point)

        def left() -> float:
            return budget_seconds - (self._clock.monotonic() - began)

        with drill_instance(
            self._rds, self._instance, snapshot["DBSnapshotIdentifier"], now=self._clock.now(),
            patience=timedelta(seconds=budget_seconds),
            ready=lambda name: self._rds.await_instance(
                name, budget_seconds=left(), watch=self._told("drill", f"instance {name}")
            ),
            gone=lambda name: self._rds.await_removal(
                name, budget_seconds=max(left(), _DELETE_SECONDS), watch=self._told("drill", f"deletion of {name}")
            ),
        ) as name:  # fmt: skip
            held = self._holds(self._beside(name))
            seconds = self._clock.monotonic() - began
        return Restored(point=point, seconds=seconds, newest_event=held.newest_event, rows=held.rows)

    def _begin(self, key: str, identifier: str, now: datetime, version: Version | None) -> None:
        self._progress.report(STEP, "asking what the database holds")
        held = self._holds(self._database)
        described = point_begun(held, installation=self._installation, key=key, at=now, version=version)
        try:
            self._rds.begin_snapshot(self._instance, identifier, tags_of(described))
        except ConflictError:
            if not self._status(identifier):  # else somebody began the same one meanwhile
                raise

    def _status(self, identifier: str) -> str:
        """Of a snapshot of ours, whole or not; empty where there is none."""
        found = (str(one["Status"]) for one, _ in self._points.ours() if one["DBSnapshotIdentifier"] == identifier)
        return next(found, "")

    def _delete(self, snapshot: Kept) -> None:
        self._rds.delete_snapshot(snapshot["DBSnapshotIdentifier"])

    def _beside(self, name: str) -> DatabaseAccess:
        """The restored database: its own name, and the same authorities."""
        return replace(self._database, host=str(self._rds.instance(name)["Endpoint"]["Address"]), address="")

    def _told(self, step: str, what: str) -> Watch:
        return lambda seconds, said: self._progress.report(step, f"{seconds:.0f} s, {what}: {said}")
