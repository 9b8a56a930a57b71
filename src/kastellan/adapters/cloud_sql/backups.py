"""Restore points as backups of Cloud SQL on demand: seconds to minutes whatever the size, kept by Google (DI-7).

What is weaker than with dumps, and told as such. What the database held is asked just before the backup begins, so the
backup holds at least that, and a drill can say no more. Nobody can read a backup without restoring it: `check` knows
what Google says about it. It lies in the project of the instance, and goes with the project.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from kastellan.adapters.cloud_kept_point import STEP, Kept, KeptPoints, point_begun, require_name
from kastellan.adapters.cloud_sql.admin_api import SqlAdmin
from kastellan.adapters.cloud_sql.described_backup import point_of, text_of
from kastellan.adapters.cloud_sql.drill_instance import drill_instance
from kastellan.adapters.postgres.held import Held, held_by
from kastellan.adapters.postgres.session import DatabaseAccess
from kastellan.domain.errors import StepFailedError
from kastellan.domain.reason import Reason
from kastellan.domain.restore_point import Restored, RestorePoint, Retention
from kastellan.domain.version import Version
from kastellan.ports.clock import Clock
from kastellan.ports.progress import Progress

_DELETE_SECONDS = 600.0


class CloudSqlBackups:
    """Implements `ports.restore_points.RestorePoints`.

    Args:
        installation: whose.
        project: id of the project.
        instance: that has the database.
        database: how the role of ZITADEL reaches it.
        admin: the API.
        holds: asks a database what it holds.
        retention: how long; Google's own daily backups have theirs (35 days) and are none of these.
        clock: for budgets and durations.
        progress: told while something lasts.
    """

    def __init__(
        self,
        installation: str,
        *,
        project: str,
        instance: str,
        database: DatabaseAccess,
        admin: SqlAdmin,
        holds: Callable[[DatabaseAccess], Held] = held_by,
        retention: Retention,
        clock: Clock,
        progress: Progress,
    ) -> None:
        self._installation = installation
        self._project = project
        self._instance = instance
        self._database = database
        self._admin = admin
        self._points = KeptPoints(
            installation=installation, everything=lambda: admin.backups(instance), read=point_of, cloud="Google",
            what="backup", trail="Cloud Audit Logs", status="status", whole="SUCCESSFUL",
            running=frozenset({"ENQUEUED", "RUNNING", "OVERDUE"}),
        )  # fmt: skip
        self._holds = holds
        self._retention = retention
        self._clock = clock
        self._progress = progress

    @property
    def scratch_place(self) -> str:
        """Where drills restore, for people."""
        return f"a new Cloud SQL instance beside {self._instance}"

    def make(
        self, key: str, now: datetime, *, version: Version | None = None, budget_seconds: float = 6 * 3600.0
    ) -> RestorePoint:
        """See the port; a backup goes on by itself when its maker dies, and the next one waits for it."""
        require_name(key)
        deadline = self._clock.monotonic() + budget_seconds
        self._await_running(key, deadline)
        if made := self._points.made(key):
            return made
        for backup, point in self._points.ours():
            if point.key == key:  # an attempt that failed
                self._delete(backup)
        made = self._begun(key, now.replace(microsecond=0), version, deadline)
        self._points.prune(self._retention, now, delete=self._delete, log=self._progress)
        return made

    def list(self) -> tuple[RestorePoint, ...]:
        """See the port."""
        return self._points.finished()

    def check(self, point: RestorePoint) -> tuple[Reason, ...]:
        """See the port; a backup cannot be read, so this is what Google says about it."""
        return self._points.flaws(point)

    def drill(self, point: RestorePoint, *, budget_seconds: float = 6 * 3600.0) -> Restored:
        """See the port; the scratch database is an instance of its own, which costs as long as it stands."""
        began = self._clock.monotonic()
        backup = self._points.require(point)

        def wait(operation: dict[str, Any]) -> None:
            left = budget_seconds - (self._clock.monotonic() - began)
            self._wait("drill", operation, left)

        with drill_instance(
            self._admin, self._instance, now=self._clock.now(), patience=timedelta(seconds=budget_seconds), wait=wait
        ) as name:
            wait(self._admin.restore(name, backup=str(backup["id"]), source=self._instance, project=self._project))
            held = self._holds(self._beside(name))
        return Restored(
            point=point,
            seconds=self._clock.monotonic() - began,
            newest_event=held.newest_event,
            rows=held.rows,
        )

    def _begun(self, key: str, now: datetime, version: Version | None, deadline: float) -> RestorePoint:
        self._progress.report(STEP, "asking what the database holds")
        held = self._holds(self._database)
        described = text_of(point_begun(held, installation=self._installation, key=key, at=now, version=version))
        operation = self._admin.begin_backup(self._instance, described)
        self._wait(STEP, operation, deadline - self._clock.monotonic())
        if made := self._points.made(key):
            return made
        raise StepFailedError(f"Google has no whole backup {key}", step=STEP, remediation="see the instance's log")

    def _await_running(self, key: str, deadline: float) -> None:
        while self._points.is_running(key):
            if self._clock.monotonic() >= deadline:
                return  # the next question about it says what stands in the way
            self._progress.report(STEP, f"{key} is being made since an earlier attempt")
            self._clock.sleep(5.0)

    def _delete(self, backup: Kept) -> None:
        self._wait(STEP, self._admin.delete_backup(self._instance, str(backup["id"])), _DELETE_SECONDS)

    def _beside(self, name: str) -> DatabaseAccess:
        """The restored database: by its address, because no name leads there, and verified by the one it certifies."""
        made = self._admin.instance(name)
        address = next(one["ipAddress"] for one in made["ipAddresses"] if one["type"] == "PRIVATE")
        host = str(made.get("dnsName") or address).rstrip(".")
        return replace(self._database, host=host, address=address, ca=made["serverCaCert"]["cert"])

    def _wait(self, step: str, operation: dict[str, Any], budget_seconds: float) -> None:
        kind = str(operation.get("operationType", "operation")).lower().replace("_", " ")
        self._admin.wait(
            operation,
            budget_seconds=budget_seconds,
            watch=lambda seconds: self._progress.report(step, f"{seconds:.0f} s, {kind}"),
        )
