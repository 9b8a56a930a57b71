"""What is known about each step of a run before it is taken: precondition, usual duration, deadline, traces, way back.

The durations hold until an installation has runs of its own to measure (`step_durations`). They are guesses on the safe
side; `up` and the restore point depend on the size of the event store, for which ZITADEL's users report hours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from kastellan.domain.run_step import StepName


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """One row; attributes as of `domain.run.PlannedStep`, with `expected` as the default."""

    precondition: str
    expected: timedelta
    deadline: timedelta
    leaves: str
    undone_by: str


def _row(precondition: str, expected: int, deadline: int, leaves: str, undone_by: str) -> StepRow:
    return StepRow(
        precondition=precondition,
        expected=timedelta(seconds=expected),
        deadline=timedelta(seconds=deadline),
        leaves=leaves,
        undone_by=undone_by,
    )


_NOTHING = "nothing"
_NO_NEED = "there is nothing to undo"
_HOUR = 3600

STEPS: Mapping[StepName, StepRow] = {
    StepName.LEASE: _row(
        "nobody else works on the installation", 5, 300, "a lease that the next worker takes over", "it is given back"
    ),
    StepName.CONTRACT: _row(
        "the contract is as it was planned with, and the customer does not object", 1, 60, _NOTHING, _NO_NEED
    ),
    StepName.PREFLIGHT: _row("every gate of maintenance passes (DI-4)", 60, 900, _NOTHING, _NO_NEED),
    StepName.NOTICE_STARTED: _row(
        "the platform is fit", 1, 60, "the record of the start, or none", "the record of the end follows it"
    ),
    StepName.DRIFT: _row(
        "nobody changed the installation, and nobody locks the stack (DI-6)", 60, 900, _NOTHING, _NO_NEED
    ),
    StepName.RESTORE_POINT: _row(
        "the customer still does not object", 600, 6 * _HOUR, "a part of a dump, which is discarded", "it may stay"
    ),
    StepName.PREVIEW_GUARD: _row(
        "the preview touches nothing but the release (DI-6)",
        60,
        900,
        "the new version in the stack's file",
        "the version before is written back",
    ),
    StepName.UP: _row(
        "the customer still does not object, and the end with the reserve lies inside the window",
        900,
        6 * _HOUR,
        "old and new pods; the old ones serve; a running migration goes on by itself",
        "the version before is brought back, where the release is backward compatible",
    ),
    StepName.VERIFICATION: _row("the update ended", 60, 900, _NOTHING, _NO_NEED),
    StepName.SOAK: _row("it serves", 600, 3 * _HOUR, _NOTHING, _NO_NEED),
    StepName.VERDICT: _row("every step before ended", 1, 60, "the end of the run, recorded, or not", _NO_NEED),
    StepName.NOTICE_COMPLETED: _row("the end is recorded", 1, 60, "a notice that the next tick queues", _NO_NEED),
}
