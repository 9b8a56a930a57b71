"""How long the steps of a run take: 95 of 100, measured from earlier runs of the installation."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from math import ceil

from kastellan.domain.run import PlannedStep, RunRecord
from kastellan.domain.run_policy import RunPolicy
from kastellan.domain.run_step import ORDER, Done, StepName
from kastellan.planning.step_table import STEPS

ENOUGH = 5
"""With fewer samples the documented default is not gone below: one quick run promises nothing."""
MOST = 20
"""So many of the newest runs count: an installation grows."""

Durations = Mapping[StepName, Sequence[timedelta]]


def measured(runs: Iterable[RunRecord]) -> Durations:
    """Durations of the steps that did something, newest first, from runs that are given newest first."""
    found: dict[StepName, list[timedelta]] = {name: [] for name in StepName}
    for run in runs:
        for step in run.steps:
            if isinstance(step.outcome, Done) and len(found[step.name]) < MOST:
                found[step.name].append(step.spent)
    return found


def planned_steps(policy: RunPolicy, samples: Durations) -> tuple[PlannedStep, ...]:
    """Every step of a run, with its expected duration and its deadline in whole seconds."""
    return tuple(_step(name, policy, samples.get(name, ())) for name in ORDER)


def reserve(steps: Iterable[PlannedStep], *, migrates: bool) -> timedelta:
    """The time that is kept for undoing inside the window: another update, and another verification."""
    kept = (StepName.UP, StepName.VERIFICATION) if migrates else ()
    return sum((step.expected for step in steps if step.name in kept), timedelta(0))


def percentile_95(samples: Sequence[timedelta]) -> timedelta:
    """By the nearest rank; of at least one sample."""
    return sorted(samples)[ceil(0.95 * len(samples)) - 1]


def _step(name: StepName, policy: RunPolicy, samples: Sequence[timedelta]) -> PlannedStep:
    row = STEPS[name]
    expected = policy.soak if name is StepName.SOAK else row.expected
    if samples:
        found = percentile_95(samples)
        expected = found if len(samples) >= ENOUGH else max(expected, found)
    expected = timedelta(seconds=ceil(expected.total_seconds()))
    return PlannedStep(
        name=name,
        precondition=row.precondition,
        expected=expected,
        samples=len(samples),
        deadline=max(row.deadline, 3 * expected),
        leaves=row.leaves,
        undone_by=row.undone_by,
    )
