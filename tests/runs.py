"""Short ways to write plans and events of runs in tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from kastellan.domain.contract import digest
from kastellan.domain.history import Item
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.domain.release import ReleaseClass
from kastellan.domain.run import PlannedStep, RunPlan
from kastellan.domain.run_policy import RunPolicy
from kastellan.domain.run_step import ORDER, StepName
from tests.histories import CONTRACT, NEW, OLD

START = datetime(2026, 12, 8, 21, tzinfo=UTC)
"""Start of the window: 22:00 in Zurich on the second Tuesday of December."""
REASON = Reason(
    code="full", message="the disk is full", owner=Party.CUSTOMER, remediation="make room", clause="IN-2", path="a/b"
)


def run_plan(**overrides: Any) -> RunPlan:
    """A regular run of six hours that brings `NEW`."""
    values: dict[str, Any] = {
        "installation": "acme",
        "item": Item("regular/2026-12"),
        "release_class": ReleaseClass.REGULAR,
        "attempt": 1,
        "planned_at": START,
        "window_start": START,
        "window_end": START + timedelta(hours=6),
        "before": OLD,
        "version": NEW,
        "images": ("r/zitadel@sha256:" + "a" * 64,),
        "undo": True,
        "policy": RunPolicy(),
        "contract_digest": digest(CONTRACT),
        "reserve": timedelta(minutes=20),
        "steps": tuple(
            PlannedStep(
                name=name,
                precondition="the step before is done",
                expected=timedelta(seconds=60),
                deadline=timedelta(seconds=10 if name is StepName.VERIFICATION else 3600),
                leaves="nothing",
                undone_by="nothing to undo",
            )
            for name in ORDER
        ),
    }
    return RunPlan(**(values | overrides))
