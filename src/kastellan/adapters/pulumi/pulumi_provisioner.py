"""A provisioner with the user's Pulumi: its Automation API, each operation in a child process (ADR 2)."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kastellan.adapters.atomic_file import replace_file
from kastellan.adapters.pulumi.backend import LockFiles, backend_url, lock_files, lock_folders
from kastellan.adapters.pulumi.failure import end_reason, provider_died, reasons_of, refusal
from kastellan.adapters.pulumi.operation import Ended, Operation
from kastellan.adapters.pulumi.operation_record import OperationRecord
from kastellan.adapters.pulumi.recovery import Recovery
from kastellan.adapters.pulumi.stack_locks import FoundLock, locked_reason, read_lock
from kastellan.config.release_edit import read_release, with_release
from kastellan.config.stack_file import read_stack_file
from kastellan.domain.configured_release import ConfiguredRelease
from kastellan.domain.errors import BlockedError, DeadlineExceededError, NotFoundError, StepFailedError, StuckError
from kastellan.domain.reason import Reason
from kastellan.planning.planned_step import PlannedStep
from kastellan.planning.resource_drift import ResourceDrift
from kastellan.ports.clock import Clock
from kastellan.ports.provisioner import OnEvent, StackLock, UpEnd, UpOutcome

GRACE_SECONDS = 60.0
"""Default grace. Our provider stops waiting at once, and no single write of it takes longer."""
LOOK_SECONDS = 600.0
"""Default limit of operations that only look: a preview runs the whole preflight and a dry run of every object."""


class PulumiProvisioner:
    """Implements `ports.provisioner.Provisioner`.

    Args:
        project: folder of `Pulumi.yaml`.
        environment: what the engine gets: PATH, backend, passphrase, credentials of clouds.
        clock: time.
        grace_seconds: between asking an engine to stop and killing it.
        look_seconds: after which an operation that only looks is ended.
    """

    def __init__(
        self,
        project: Path,
        *,
        environment: Mapping[str, str],
        clock: Clock,
        grace_seconds: float = GRACE_SECONDS,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._project = project
        self._environment = {**environment, "PULUMI_SKIP_UPDATE_CHECK": "true"}
        self._clock = clock
        self._grace = grace_seconds
        self._look_seconds = look_seconds

    @property
    def grace_seconds(self) -> float:
        """See the port."""
        return self._grace

    def configured_version(self, stack: str) -> ConfiguredRelease:
        """See the port."""
        path = read_stack_file(stack, project=self._project).path
        return read_release(path.read_bytes().decode(), source=str(path))

    def write_version(self, stack: str, release: ConfiguredRelease) -> bool:
        """See the port."""
        path = read_stack_file(stack, project=self._project).path
        before = path.read_bytes().decode()  # as bytes, because reading as text would change the ends of lines
        after = with_release(before, release, source=str(path))
        if after == before:
            return False
        replace_file(path, after.encode())
        return True

    def preview(self, stack: str) -> tuple[PlannedStep, ...]:
        """See the port."""
        return self._look("preview", stack).planned()

    def drift(self, stack: str) -> tuple[ResourceDrift, ...]:
        """See the port."""
        return self._look("drift", stack).drift()

    def up(
        self, stack: str, *, deadline: float, on_event: OnEvent, should_stop: Callable[[], bool] = lambda: False
    ) -> UpOutcome:
        """See the port."""
        self._refuse_locked(stack)
        record = OperationRecord(self._clock)

        def take(message: Mapping[str, Any]) -> None:
            event = record.take(message)
            if event is not None:
                on_event(event)

        ended = self._operation("up", stack).run(take, deadline=deadline, should_stop=should_stop)
        if not record.begun and not ended.stopped and (problem := refusal(stack, ended.said)):
            raise problem
        end = _end_of(ended, record)
        return UpOutcome(
            end=end, steps=record.records(), reasons=_reasons(stack, end, ended, record), seconds=record.seconds
        )

    def locks(self, stack: str) -> tuple[StackLock, ...]:
        """See the port."""
        locked = self._lock_access(stack)
        if locked is None:
            raise StuckError(
                "the locks of this backend cannot be read from here",
                remediation="`pulumi up` names who holds one; where that process is gone, `pulumi cancel` removes it",
            )
        return tuple(found.lock for found in self._read_locks(stack, locked))

    def recover(self, stack: str) -> tuple[str, ...]:
        """See the port."""
        locked = self._lock_access(stack)
        recovery = Recovery(
            stack,
            look=lambda: self._read_locks(stack, locked) if locked else (),
            remove=locked.remove if locked else lambda _: None,
            read_state=lambda: self._answer("export", stack),
            write_state=lambda state: self._answer("import", stack, state=state),
            clock=self._clock,
            grace_seconds=self._grace,
        )
        return recovery.run()

    def _lock_access(self, stack: str) -> LockFiles | None:
        """Access to the lock files; None where only the engine itself can tell who holds a lock."""
        read_stack_file(stack, project=self._project)
        return lock_files(backend_url(self._project, self._environment))

    def _read_locks(self, stack: str, files: LockFiles) -> tuple[FoundLock, ...]:
        try:
            found = [
                read_lock(key, content)
                for folder in lock_folders(self._project, stack)
                for key, content in files.read(folder).items()
            ]
        except ValueError as cause:
            raise StuckError(
                f"a lock of stack {stack} cannot be read: {cause}", remediation="look at it and remove it by hand"
            ) from cause
        return tuple(sorted(found, key=lambda one: one.lock.since))

    def _refuse_locked(self, stack: str) -> None:
        locked = self._lock_access(stack)
        found = self._read_locks(stack, locked) if locked else ()
        if found:
            raise BlockedError(f"stack {stack} is locked", [locked_reason(stack, one.lock) for one in found])

    def _look(self, operation: str, stack: str) -> OperationRecord:
        record = OperationRecord(self._clock)
        ended = self._run_bounded(operation, stack, record.take)
        self._require_success(operation, stack, ended, record)
        return record

    def _answer(self, operation: str, stack: str, **request: Any) -> Any:
        record = OperationRecord(self._clock)
        ended = self._run_bounded(operation, stack, record.take, **request)
        self._require_success(operation, stack, ended, record)
        return ended.result

    def _run_bounded(
        self, operation: str, stack: str, take: Callable[[Mapping[str, Any]], object], **request: Any
    ) -> Ended:
        def ignoring(message: Mapping[str, Any]) -> None:
            take(message)

        deadline = self._clock.monotonic() + self._look_seconds
        return self._operation(operation, stack, **request).run(ignoring, deadline=deadline, should_stop=lambda: False)

    def _require_success(self, operation: str, stack: str, ended: Ended, record: OperationRecord) -> None:
        if ended.code == 0 and not ended.killed:
            return
        if ended.stopped:
            raise DeadlineExceededError(
                f"{operation} of stack {stack} did not end within {self._look_seconds:.0f} s",
                remediation="see whether the cluster, the clouds and the backend answer, then try again",
            )
        if not record.begun and (problem := refusal(stack, ended.said)):
            raise problem
        first = reasons_of(stack, record.errors, ended.said)[0]
        raise StepFailedError(
            f"{operation} of stack {stack} failed: {first.message}",
            step=operation,
            evidence="\n".join(record.errors),
            owner=first.owner,
            remediation=first.remediation,
        )

    def _operation(self, name: str, stack: str, **request: Any) -> Operation:
        read_stack_file(stack, project=self._project)
        if shutil.which("pulumi", path=self._environment.get("PATH")) is None:
            raise NotFoundError(
                "there is no `pulumi` on PATH",
                remediation="install Pulumi (https://www.pulumi.com/docs/iac/download-install/) and put it on PATH",
            )
        return Operation(
            {"operation": name, "stack": stack, "project": str(self._project), **request},
            environment=self._environment,
            grace_seconds=self._grace,
            clock=self._clock,
        )


def _end_of(ended: Ended, record: OperationRecord) -> UpEnd:
    if ended.killed:
        return UpEnd.KILLED
    if ended.code == 0:
        return UpEnd.SUCCEEDED
    if ended.stopped:
        return UpEnd.STOPPED
    return UpEnd.KILLED if provider_died(record.errors) else UpEnd.FAILED


def _reasons(stack: str, end: UpEnd, ended: Ended, record: OperationRecord) -> tuple[Reason, ...]:
    match end:
        case UpEnd.SUCCEEDED:
            return ()
        case UpEnd.FAILED:
            return reasons_of(stack, record.errors, ended.said)
        case UpEnd.STOPPED:
            return (end_reason(stack, end, "its time was over, or its caller asked for it"),)
        case UpEnd.KILLED if ended.stopped:
            return (end_reason(stack, end, "it did not end when it was asked to"),)
        case UpEnd.KILLED:
            return (end_reason(stack, end, f"{_dead(ended)} died (was there memory enough?)"),)


def _dead(ended: Ended) -> str:
    if not ended.killed:
        return "a provider"
    if ended.code is not None:
        return "Pulumi's engine"
    last = ended.said.partition(":")[0]  # the kind of an exception, without its text
    return f"the process that called Pulumi's engine{f' ({last})' if last else ''}"
