"""One maintenance run: a frozen plan, the events that were journaled, and the record that they fold into.

A run is not finished by the process that began it but by whoever comes next: its id follows from what it is for, and
where it stands follows from its events.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from kastellan.domain.history import Item, Verdict
from kastellan.domain.party import Party
from kastellan.domain.release import ReleaseClass
from kastellan.domain.run_policy import RunPolicy
from kastellan.domain.run_step import Blocked, StepAttempt, StepName, StepOutcome, StepRecord
from kastellan.domain.version import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    """A step before it is taken.

    Attributes:
        name: which.
        precondition: what must hold for it to begin, for people.
        expected: how long it takes in 95 of 100 cases, as far as that was measured.
        samples: how many earlier runs `expected` rests on; 0 for the documented default.
        deadline: longest time that it may take.
        leaves: what is there if the process is killed in it.
        undone_by: how that is taken back.
    """

    name: StepName
    precondition: str
    expected: timedelta
    samples: int = 0
    deadline: timedelta
    leaves: str
    undone_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """Everything that a run will do; carrying it out chooses nothing.

    Attributes:
        installation: name of the stack.
        item: what is maintained.
        release_class: why.
        attempt: 1 for the first run for this item in this window.
        planned_at: when it was planned (UTC).
        window_start: start of its window, which the customer was offered; None outside of every window.
        window_end: first instant after the window; None outside of one.
        before: version that runs.
        version: version that it brings; `before` where there is nothing newer, and the run only verifies.
        images: image references by digest that it brings, for the evidence.
        undo: whether the version before may be brought back, for its pods work on the new schema.
        policy: what the contract says about runs.
        contract_digest: of the contract that it was planned under.
        reserve: time that is kept for undoing inside the window.
        steps: in order.
    """

    installation: str
    item: Item
    release_class: ReleaseClass
    attempt: int
    planned_at: datetime
    window_start: datetime | None
    window_end: datetime | None
    before: Version
    version: Version
    images: tuple[str, ...]
    undo: bool
    policy: RunPolicy
    contract_digest: str
    reserve: timedelta
    steps: tuple[PlannedStep, ...]

    @property
    def migrates(self) -> bool:
        """Whether it brings another version, which migrates the database."""
        return self.version != self.before

    @property
    def id(self) -> str:
        """Name of the run: the same for whoever plans it."""
        return run_id(self.installation, self.item, self.window_start, self.attempt)

    @property
    def expected(self) -> timedelta:
        """Of all steps together."""
        return sum((step.expected for step in self.steps), timedelta())

    def step(self, name: StepName) -> PlannedStep:
        """The step of that name; every run has every step."""
        return next(step for step in self.steps if step.name is name)

    def expected_from(self, name: StepName) -> timedelta:
        """Of a step and all that follow."""
        names = [step.name for step in self.steps]
        return sum((step.expected for step in self.steps[names.index(name) :]), timedelta())


def run_id(installation: str, item: Item, window_start: datetime | None, attempt: int) -> str:
    """Such as `acme.regular-2026-12.20261208T210000Z.1`; sorts by time within an item, and may be a file's name."""
    parts = [installation, str(item).replace("/", "-")]
    if window_start is not None:
        parts.append(window_start.strftime("%Y%m%dT%H%M%SZ"))
    return ".".join([*parts, str(attempt)])


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted:
    """An attempt begins; written before anything of it happens. Attributes as of `StepAttempt`."""

    at: datetime
    step: StepName
    attempt: int
    token: int
    worker: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEnded:
    """An attempt ended; attributes as of `StepAttempt`."""

    at: datetime
    step: StepName
    attempt: int
    milliseconds: int
    outcome: StepOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class RunClosed:
    """The run is over: nobody goes on with it.

    Attributes:
        at: UTC.
        verdict: how it ended.
        attribution: on whose side the cause lies, where it did not pass (IN-2).
        version: version of the installation after it.
        reason: why it did not pass, for people; empty where it did.
    """

    at: datetime
    verdict: Verdict
    attribution: Party
    version: Version
    reason: str


RunEvent: TypeAlias = StepStarted | StepEnded | RunClosed


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """A run as far as it has come.

    Attributes:
        plan: what it carries out.
        steps: one each in the order of the plan; `undo`, where it was begun, behind `soak`.
        closed: how it ended; None while somebody has to go on with it.
        last_begun: the step that was begun last; None before the first.
        events: how many events were folded, which is the number of the last.
    """

    plan: RunPlan
    steps: tuple[StepRecord, ...]
    closed: RunClosed | None
    last_begun: StepName | None
    events: int

    def step(self, name: StepName) -> StepRecord:
        """The record of a step; one without attempts where it was not begun."""
        return next((step for step in self.steps if step.name is name), StepRecord(name=name))

    @property
    def started_at(self) -> datetime | None:
        """When its first step began; None before."""
        begun = [step.attempts[0].started_at for step in self.steps if step.attempts]
        return min(begun, default=None)

    @property
    def changed(self) -> bool:
        """Whether the installation may have been changed: an `up` was begun that was not refused."""
        return any(not isinstance(attempt.outcome, Blocked) for attempt in self.step(StepName.UP).attempts)

    @property
    def last(self) -> StepRecord | None:
        """The step that was begun last; None before the first."""
        return self.step(self.last_begun) if self.last_begun else None


def fold(plan: RunPlan, events: Iterable[RunEvent]) -> RunRecord:
    """Fold events, in the order in which they were written, into the record of a run.

    Raises:
        ValueError: an attempt ended that never began.
    """
    attempts: dict[StepName, list[StepAttempt]] = {step.name: [] for step in plan.steps}
    closed, last_begun, count = None, None, 0
    for event in events:
        count += 1
        match event:
            case StepStarted():
                last_begun = event.step
                attempts.setdefault(event.step, []).append(
                    StepAttempt(number=event.attempt, token=event.token, worker=event.worker, started_at=event.at)
                )
            case StepEnded():
                found = attempts.get(event.step, [])
                place = next((n for n, attempt in enumerate(found) if attempt.number == event.attempt), None)
                if place is None:
                    raise ValueError(f"{plan.id}: attempt {event.attempt} at {event.step} ended but never began")
                found[place] = StepAttempt(
                    number=event.attempt,
                    token=found[place].token,
                    worker=found[place].worker,
                    started_at=found[place].started_at,
                    ended_at=event.at,
                    milliseconds=event.milliseconds,
                    outcome=event.outcome,
                )
            case RunClosed():
                closed = event
    order = list(StepName)
    steps = tuple(StepRecord(name=name, attempts=tuple(attempts[name])) for name in sorted(attempts, key=order.index))
    return RunRecord(plan=plan, steps=steps, closed=closed, last_begun=last_begun, events=count)
