"""A provisioner without an engine: an `up` copies what a stack's file says to what its installation runs."""

from collections.abc import Callable
from dataclasses import dataclass, field

from kastellan.domain.configured_release import ConfiguredRelease
from kastellan.domain.errors import BlockedError, InvalidInputError, StuckError
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.planning.planned_step import Operation, PlannedStep
from kastellan.planning.resource_drift import ResourceDrift
from kastellan.ports.clock import Clock
from kastellan.ports.provisioner import (
    EventKind,
    Holder,
    OnEvent,
    ProvisionerEvent,
    StackLock,
    StepRecord,
    UpEnd,
    UpOutcome,
)

TYPES = ("kastellan:index:Prerequisites", "kastellan:index:Release")
UNCHANGED = ("pulumi:pulumi:Stack", *TYPES)


@dataclass
class FakeProvisioner:
    """See the module.

    Attributes:
        clock: an `up` spends time on it.
        configured: what each stack's file says.
        brought: what each installation runs.
        foreign_steps: what else a preview would show, by stack.
        drifted: what `drift` finds, by stack.
        held: locks, by stack.
        shows_no_locks: whether only the engine itself can read them, as in some backends.
        seconds: how long an `up` takes.
        further: further reasons of an `up` that does not succeed.
        ends: how the next `up`s end, in order; SUCCEEDED where there is none.
        grace_seconds: see the port.
        calls: names of the methods that were called, with their stack.
    """

    clock: Clock
    configured: dict[str, ConfiguredRelease] = field(default_factory=dict)
    brought: dict[str, ConfiguredRelease] = field(default_factory=dict)
    foreign_steps: dict[str, tuple[PlannedStep, ...]] = field(default_factory=dict)
    drifted: dict[str, tuple[ResourceDrift, ...]] = field(default_factory=dict)
    held: dict[str, list[StackLock]] = field(default_factory=dict)
    shows_no_locks: bool = False
    seconds: float = 30.0
    further: tuple[Reason, ...] = ()
    ends: list[UpEnd] = field(default_factory=list)
    grace_seconds: float = 60.0
    calls: list[tuple[str, str]] = field(default_factory=list)
    _unfinished: set[str] = field(default_factory=set)

    def configured_version(self, stack: str) -> ConfiguredRelease:
        return self._known("configured_version", stack)

    def write_version(self, stack: str, release: ConfiguredRelease) -> bool:
        before = self._known("write_version", stack)
        if (before.images is None) is not (release.images is None):
            raise InvalidInputError(f"one of the stack {stack} and the release names images and the other does not")
        self.configured[stack] = release
        return before != release

    def preview(self, stack: str) -> tuple[PlannedStep, ...]:
        wanted = self._known("preview", stack)
        changed = self._changed(stack, wanted)
        steps = [
            PlannedStep(
                urn=_urn(stack, kind),
                type=kind,
                name=stack,
                operation=Operation.UPDATE if changed and kind in TYPES else Operation.SAME,
                changed=changed if kind in TYPES else (),
            )
            for kind in UNCHANGED
        ]
        return (*steps, *self.foreign_steps.get(stack, ()))

    def drift(self, stack: str) -> tuple[ResourceDrift, ...]:
        self._known("drift", stack)
        return self.drifted.get(stack, ())

    def up(
        self, stack: str, *, deadline: float, on_event: OnEvent, should_stop: Callable[[], bool] = lambda: False
    ) -> UpOutcome:
        wanted = self._known("up", stack)
        self._refuse_locked(stack)
        if stack in self._unfinished:
            raise BlockedError(
                f"stack {stack} is not in order", [_reason("recovery-needed", "an operation was cut off")]
            )
        began = self.clock.monotonic()
        changed = self._changed(stack, wanted)
        end = self.ends.pop(0) if self.ends else UpEnd.SUCCEEDED
        records = []
        for kind in TYPES if changed else ():
            left = deadline - self.clock.monotonic()
            if left < self.seconds / len(TYPES) or should_stop():
                end = UpEnd.STOPPED
            records += [self._step(stack, kind, began, end, left, on_event)] if left > 0 else []
            if end is UpEnd.STOPPED:
                break
        reasons: tuple[Reason, ...] = ()
        if end is UpEnd.SUCCEEDED:
            self.brought[stack] = wanted
        else:
            reasons = (_reason(f"up-{end.value}", f"the update of {stack} {end.value}"), *self.further)
        if end is UpEnd.KILLED:
            self._unfinished.add(stack)
        seconds = self.clock.monotonic() - began
        return UpOutcome(end=end, steps=tuple(records), reasons=reasons, seconds=seconds)

    def locks(self, stack: str) -> tuple[StackLock, ...]:
        self._known("locks", stack)
        if self.shows_no_locks:
            raise StuckError("the locks of this backend cannot be read from here")
        return tuple(sorted(self.held.get(stack, ()), key=lambda lock: lock.since))

    def recover(self, stack: str) -> tuple[str, ...]:
        self._known("recover", stack)
        dead = [lock for lock in self.held.get(stack, ()) if lock.holder is Holder.DEAD]
        done = [f"removed the lock of {lock}" for lock in dead]
        self.held[stack] = [lock for lock in self.held.get(stack, ()) if lock not in dead]
        if stack in self._unfinished:
            self._unfinished.remove(stack)
            done.append("cleared the pending operation updating kastellan:index:Release")
        self._refuse_locked(stack)
        return tuple(done)

    def _known(self, call: str, stack: str) -> ConfiguredRelease:
        self.calls.append((call, stack))
        if stack not in self.configured:
            raise InvalidInputError(f"there is no stack {stack}")
        return self.configured[stack]

    def _changed(self, stack: str, wanted: ConfiguredRelease) -> tuple[str, ...]:
        brought = self.brought.get(stack)
        if brought == wanted:
            return ()
        images = ("configuration.images.login", "configuration.images.zitadel") if wanted.images else ()
        return (*images, "configuration.version", "manifests")

    def _refuse_locked(self, stack: str) -> None:
        reasons = [_reason("stack-locked", f"stack {stack} is locked by {lock}") for lock in self.held.get(stack, ())]
        if reasons:
            raise BlockedError(f"stack {stack} is locked", reasons)

    def _step(self, stack: str, kind: str, began: float, end: UpEnd, left: float, on_event: OnEvent) -> StepRecord:
        def tell(what: EventKind) -> None:
            on_event(
                ProvisionerEvent(
                    kind=what,
                    resource=f"{kind} {stack}",
                    operation=Operation.UPDATE,
                    seconds=self.clock.monotonic() - began,
                )
            )

        started = self.clock.monotonic()
        tell(EventKind.BEGUN)
        self.clock.sleep(min(self.seconds / len(TYPES), left))
        succeeded = end is UpEnd.SUCCEEDED or (kind != TYPES[-1] and end is not UpEnd.STOPPED)
        tell(EventKind.DONE if succeeded else EventKind.FAILED)
        return StepRecord(
            urn=_urn(stack, kind),
            type=kind,
            name=stack,
            operation=Operation.UPDATE,
            seconds=self.clock.monotonic() - started,
            succeeded=succeeded,
        )


def _urn(stack: str, kind: str) -> str:
    return f"urn:pulumi:{stack}::installation::{kind}::{stack}"


def _reason(code: str, message: str) -> Reason:
    return Reason(code=code, message=message, owner=Party.VENDOR, remediation="look at the stack")
