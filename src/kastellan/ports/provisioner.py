"""What changes an installation: its Pulumi stack, as the maintenance run needs it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from kastellan.domain.configured_release import ConfiguredRelease
from kastellan.domain.reason import Reason
from kastellan.planning.planned_step import Operation, PlannedStep
from kastellan.planning.resource_drift import ResourceDrift


class Holder(StrEnum):
    """What is known about the process that made a lock."""

    ALIVE = "alive"
    """It runs on this host."""
    DEAD = "dead"
    """It ran on this host and does not any more; nobody will take the lock away."""
    ELSEWHERE = "elsewhere"
    """It is or was on another host, which cannot be asked from here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackLock:
    """A lock of a stack, as a DIY backend keeps it: a file without lease or heartbeat.

    Attributes:
        user: who runs or ran it.
        host: where.
        pid: process id there.
        since: when it was made (UTC).
        holder: whether it still runs, where that can be told.
        ours: whether it lives and is known to be an operation of a provisioner, and not somebody's own `pulumi up`.
    """

    user: str
    host: str
    pid: int
    since: datetime
    holder: Holder
    ours: bool = False

    def __str__(self) -> str:
        return f"{self.user}@{self.host} (pid {self.pid}) since {self.since:%Y-%m-%dT%H:%M:%SZ}"


class EventKind(StrEnum):
    """What an engine event tells."""

    BEGUN = "begun"
    """Work on a resource began."""
    TOLD = "told"
    """Its provider, or the engine, said something."""
    DONE = "done"
    """Work on a resource ended well."""
    FAILED = "failed"
    """Work on a resource failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionerEvent:
    """One event of a running operation.

    Attributes:
        kind: what it tells.
        resource: type and name, such as `kastellan:index:Release acme`; empty where the engine speaks for itself.
        operation: what is done to the resource; None where the event is no step.
        seconds: since the operation began, by the monotonic clock.
        text: what was said; empty for a step. No secrets.
    """

    kind: EventKind
    resource: str
    operation: Operation | None
    seconds: float
    text: str = ""


OnEvent = Callable[[ProvisionerEvent], None]
"""Takes events while an operation runs, from the calling thread and in order. What it raises stops the operation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """What was done to one resource.

    Attributes:
        urn: of the resource.
        type: token.
        name: logical name.
        operation: what was done.
        seconds: how long it took; where the engine was stopped or died meanwhile, until then.
        succeeded: whether it ended well; False where it did not end.
        diagnostics: what its provider said, in order; no secrets.
    """

    urn: str
    type: str
    name: str
    operation: Operation
    seconds: float
    succeeded: bool
    diagnostics: tuple[str, ...] = ()


class UpEnd(StrEnum):
    """How an `up` ended."""

    SUCCEEDED = "succeeded"
    """Every step ended well; the state is written and the lock is gone."""
    FAILED = "failed"
    """A step failed, and the engine ended in order: state written, lock gone. `reasons` say why and who acts."""
    STOPPED = "stopped"
    """It was asked to stop (deadline, `should_stop`) and ended in order. What runs on the cluster may go on."""
    KILLED = "killed"
    """Engine or provider died, or had to be killed: a lock and pending operations may be left. Call `recover`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpOutcome:
    """What came of an `up`.

    Attributes:
        end: how it ended.
        steps: what was done, in the order in which it began; resources that stayed the same are not among them.
        reasons: why it did not succeed, and who has to act; empty exactly where it did.
        seconds: wall time.
    """

    end: UpEnd
    steps: tuple[StepRecord, ...]
    reasons: tuple[Reason, ...]
    seconds: float


class Provisioner(Protocol):
    """Brings an installation's stack to what its file says, through Pulumi's engine.

    No method retries. All but `up` and `recover` only look or write one file, so every one may be repeated at once; an
    `up` that was cut off at any point is repeated after `recover`, and then goes on where it stood.

    Each method may raise, besides what it names:
        InvalidInputError: there is no such stack, its file is not valid, the passphrase or key does not fit, or no
            backend is configured; the message says which.
        NotFoundError: there is no `pulumi` on PATH.
        UnreachableError, DeadlineExceededError: temporary; the state's backend does not answer.
        BlockedError: the stack is locked by somebody else; the reason (`stack-locked`) names who, where and since when.

    Nothing in an event, a record, a log or an exception holds a secret. Operations of one stack must not overlap: the
    caller holds the installation's lease, and passes its loss on by `should_stop`.
    """

    @property
    def grace_seconds(self) -> float:
        """How long after its deadline an `up` may still need to end: by then the engine is killed."""
        ...

    def configured_version(self, stack: str) -> ConfiguredRelease:
        """The release that the stack's file asks for; nothing is decrypted."""
        ...

    def write_version(self, stack: str, release: ConfiguredRelease) -> bool:
        """Write a release into the stack's file, whole or not at all; every other byte of it stays.

        Idempotent. The file then is on the disk, also if the machine loses its power right after.

        Returns:
            Whether the file was changed; False where it said so already.

        Raises:
            InvalidInputError: the file has no such key, or it cannot be changed without changing something else; or
                one of file and `release` names images and the other does not.
        """
        ...

    def preview(self, stack: str) -> tuple[PlannedStep, ...]:
        """What an `up` would do, in the engine's order; changes nothing and takes no lock.

        Raises:
            StepFailedError: the preview itself fails, because the program or a provider refuses; `evidence` is what
                they said.
        """
        ...

    def drift(self, stack: str) -> tuple[ResourceDrift, ...]:
        """Resources that are not as the state has them; asks every provider, changes nothing and takes no lock.

        Raises:
            StepFailedError: a resource could not be looked at. Nothing is then known about drift.
        """
        ...

    def up(
        self, stack: str, *, deadline: float, on_event: OnEvent, should_stop: Callable[[], bool] = lambda: False
    ) -> UpOutcome:
        """Carry out what the stack's file says.

        At the deadline, or when `should_stop` says so, the engine is asked once to stop and given `grace_seconds` to
        end in order; then it is killed with all its children. The same happens where `on_event`, `should_stop` or a
        signal raises in the caller, and the exception then goes on; and where the calling process dies.

        Args:
            stack: which.
            deadline: reading of `Clock.monotonic` at which it is asked to stop.
            on_event: is told what happens.
            should_stop: asked at least once a second.

        Raises:
            BlockedError: locked (`stack-locked`), or an earlier operation was cut off (`recovery-needed`); nothing was
                begun.
        """
        ...

    def locks(self, stack: str) -> tuple[StackLock, ...]:
        """Locks of the stack, oldest first; usually none or one.

        Raises:
            StuckError: the backend's locks cannot be read from here; what is locked is then told by `up` alone.
        """
        ...

    def recover(self, stack: str) -> tuple[str, ...]:
        """Put in order what a killed operation left, so that `up` can go on; does nothing where nothing is left.

        An operation of a provisioner whose caller is dead is given `grace_seconds` to end, then killed. Locks are
        removed whose process is dead on this host, and no others. Pending operations are cleared where their resource
        adopts what is there (Release, Prerequisites); the objects are left to the next `up`. Idempotent. Where the
        backend's locks cannot be read from here, they are left alone, and `up` says who holds one.

        Returns:
            What was done, a line each, for the record; empty where nothing was to be done.

        Raises:
            BlockedError: a lock of a living process or of another host (`stack-locked`), or a pending operation on a
                resource that could be orphaned (`pending-operation`); the reasons say what to look up and who does it.
                What could be put in order is.
        """
        ...
