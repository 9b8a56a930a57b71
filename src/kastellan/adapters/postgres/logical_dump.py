"""Restore points as logical dumps: `pg_dump` in its custom format, and what the database held in the same snapshot.

Logical rather than physical, because a role without superuser's rights can make one, on any server that a customer
brings, and it can be restored into another release. What it cannot do is point-in-time recovery: that is the server's.
"""

import hashlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg import errors

from kastellan.adapters.dump_storage.storage import DumpStorage
from kastellan.adapters.postgres.contents import Session, connected, count_rows, newest_event
from kastellan.adapters.postgres.programs import PostgresPrograms, environment_for
from kastellan.adapters.postgres.scratch_database import scratch_database
from kastellan.adapters.postgres.session import DatabaseAccess
from kastellan.domain.errors import InvalidInputError, KastellanError, StepFailedError
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.domain.restore_point import EventMark, Restored, RestorePoint, Retention, expired, is_name
from kastellan.domain.version import Version
from kastellan.ports.clock import Clock
from kastellan.ports.progress import Progress

_STEP = "restore-point"
_LOCK_WAIT = "60s"
"""How long `pg_dump` waits for a table that somebody has locked, before it gives up."""
_RESTORE_JOBS = 2
_CANCEL_SECONDS = 5.0


class LogicalDumps:
    """Implements `ports.restore_points.RestorePoints`.

    Args:
        installation: whose.
        database: what is dumped, by the role that owns it.
        scratch: server of drills; see `scratch_database`.
        storage: where dumps lie.
        retention: how long.
        programs: `pg_dump` and `pg_restore`.
        clock: for budgets and durations.
        progress: told while something lasts.
    """

    def __init__(
        self,
        installation: str,
        database: DatabaseAccess,
        scratch: DatabaseAccess,
        storage: DumpStorage,
        *,
        retention: Retention,
        programs: PostgresPrograms,
        clock: Clock,
        progress: Progress,
    ) -> None:
        self._installation = installation
        self._database = database
        self._scratch = scratch
        self._storage = storage
        self._retention = retention
        self._programs = programs
        self._clock = clock
        self._progress = progress

    @property
    def scratch_place(self) -> str:
        """The server of drills, for people."""
        return f"{self._scratch.host}:{self._scratch.port}"

    def make(
        self, key: str, now: datetime, *, version: Version | None = None, budget_seconds: float = 6 * 3600.0
    ) -> RestorePoint:
        """See the port."""
        if not is_name(key):
            raise InvalidInputError(f"{key!r} names no restore point; letters, digits, dots, dashes, at most 160")
        found = self._storage.find(key)
        if found is not None:
            return found
        with self._storage.begin(key) as dump:
            point = self._dumped(dump, key, now.replace(microsecond=0), version, budget_seconds)
            self._storage.keep(dump, point)
        self._prune(now)
        return point

    def list(self) -> tuple[RestorePoint, ...]:
        """See the port."""
        return tuple(sorted(self._storage.descriptions(), key=lambda point: (point.at, point.key), reverse=True))

    def check(self, point: RestorePoint) -> tuple[Reason, ...]:
        """See the port."""
        with self._storage.fetched(point) as dump:
            if dump is None:
                return (_flaw(point, "gone", "its dump is not there any more"),)
            digest = _sha256(dump)
            if digest != point.digest:
                return (_flaw(point, "damaged", f"its dump has the SHA-256 {digest} instead of {point.digest}"),)
            return self._unlisted(point, dump)

    def drill(self, point: RestorePoint, *, budget_seconds: float = 6 * 3600.0) -> Restored:
        """See the port."""
        began = self._clock.monotonic()
        with self._storage.fetched(point) as dump:
            if dump is None or _sha256(dump) != point.digest:
                raise StepFailedError(
                    f"restore point {point.key} is not what was written: its dump is gone or damaged",
                    step="drill",
                    remediation="find out what happened in the storage; make a new restore point",
                )
            with scratch_database(self._scratch, point) as scratch:
                with connected(scratch) as session:
                    self._programs.require(max(point.server_version, session.info.server_version))
                self._restore(dump, scratch, budget_seconds)
                with connected(scratch, answer_seconds=budget_seconds) as session:
                    event = newest_event(session)
                    rows = count_rows(session, lambda table, done, total: self._tell("drill", table, done, total))
        return Restored(point=point, seconds=self._clock.monotonic() - began, newest_event=event, rows=rows)

    def _dumped(
        self, dump: Path, key: str, now: datetime, version: Version | None, budget_seconds: float
    ) -> RestorePoint:
        """Dump into a file; what is told of it is of the same snapshot, which the session exports and keeps open."""
        with (
            connected(self._database, answer_seconds=budget_seconds) as session,
            environment_for(self._database) as environment,
        ):
            server = session.info.server_version
            self._programs.require(server)
            row = session.execute("SELECT pg_export_snapshot()").fetchone()
            snapshot = str(row[0]) if row else ""
            with _counting(session) as counted:
                self._programs.run(
                    [
                        self._programs.pg_dump,
                        "--format=custom",
                        f"--snapshot={snapshot}",
                        f"--lock-wait-timeout={_LOCK_WAIT}",
                        f"--file={dump}",
                        "--no-password",
                    ],
                    environment,
                    clock=self._clock,
                    budget_seconds=budget_seconds,
                    watch=lambda seconds: self._tell(_STEP, f"{seconds:.0f} s, {_megabytes(dump)} dumped"),
                )
                self._tell(_STEP, "counting rows")
                event, rows = counted.result()
        return RestorePoint(
            installation=self._installation,
            key=key,
            at=now,
            size=dump.stat().st_size,
            digest=_sha256(dump),
            server_version=server,
            version=version,
            newest_event=event,
            rows=rows,
        )

    def _prune(self, now: datetime) -> None:
        """Old ones that stay for once are no reason to call a new one unmade."""
        try:
            for old in expired(self._storage.descriptions(), self._retention, now):
                self._storage.remove(old)
        except KastellanError as problem:
            self._tell(_STEP, f"old restore points were left: {problem.message}")

    def _restore(self, dump: Path, scratch: DatabaseAccess, budget_seconds: float) -> None:
        with environment_for(scratch) as environment:
            self._programs.run(
                [
                    self._programs.pg_restore,
                    "--exit-on-error",
                    "--no-owner",
                    "--no-privileges",
                    "--no-password",
                    f"--jobs={_RESTORE_JOBS}",
                    f"--dbname={scratch.name}",
                    dump,
                ],
                environment,
                clock=self._clock,
                budget_seconds=budget_seconds,
                watch=lambda seconds: self._tell("drill", f"{seconds:.0f} s, restoring into {scratch.name}"),
            )

    def _unlisted(self, point: RestorePoint, dump: Path) -> tuple[Reason, ...]:
        listed = self._programs.listed(dump)
        if listed is None:
            return (_flaw(point, "unreadable", "pg_restore cannot list its dump"),)
        names = [f" TABLE DATA {schema} {name} " for schema, _, name in (t.partition(".") for t in point.rows)]
        missing = [name.split(" ", 3)[3].strip() for name in names if name not in listed]
        if missing:
            return (_flaw(point, "incomplete", f"its dump has no rows of {', '.join(missing[:5])}"),)
        return ()

    def _tell(self, step: str, text: str, done: int = 0, total: int = 0) -> None:
        self._progress.report(step, text, done=done, total=total)


@contextmanager
def _counting(session: Session) -> Iterator[Future[tuple[EventMark | None, dict[str, int]]]]:
    """Read in the session's snapshot what the database holds, while something else goes on; cancelled where that fails.

    Counting reads what dumping reads, so together they take little longer than one of them.
    """

    def read() -> tuple[EventMark | None, dict[str, int]]:
        return newest_event(session), count_rows(session)

    with ThreadPoolExecutor(max_workers=1) as pool:
        future = pool.submit(read)
        try:
            yield future
        except BaseException:
            _break_off(session)
            if isinstance(future.exception(), errors.InsufficientPrivilege):
                future.result()  # its snapshot ended with it, so the dump failed too, for a reason that says less
            raise


def _break_off(session: Session) -> None:
    """End what a session waits for; where the server does not answer to that either, end the session."""
    try:
        session.cancel_safe(timeout=_CANCEL_SECONDS)
    except psycopg.Error:
        session.abandon()


def _flaw(point: RestorePoint, what: str, said: str) -> Reason:
    return Reason(
        code=f"restore-point-{what}",
        message=f"restore point {point.key}: {said}",
        owner=Party.VENDOR,
        remediation="make a new one before anything is migrated; find out what happened in the storage",
        clause="DI-7",
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _megabytes(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.1f} MB" if path.exists() else "nothing"
