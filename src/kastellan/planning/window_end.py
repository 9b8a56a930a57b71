"""Whether a step of a maintenance run may begin before the end of its window (MU-1)."""

from datetime import datetime

from kastellan.domain.ledger import utc_text
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.domain.run import RunPlan
from kastellan.domain.run_policy import AtWindowEnd
from kastellan.domain.run_step import Blocked, Failed, StepName, StepOutcome


def cut_off(plan: RunPlan, name: StepName, now: datetime, *, changed: bool) -> StepOutcome | None:
    """How a step ends that does not begin because of the end of the window; None where it may begin.

    Args:
        plan: of the run.
        name: a step before the verdict.
        now: the instant (UTC).
        changed: whether the installation was changed by the run already.
    """
    if plan.window_end is None:
        return None
    if not changed:
        ends = now + plan.expected_from(name) + plan.reserve
        return Blocked(reasons=(_too_short(plan, name, ends),)) if ends > plan.window_end else None
    safe = plan.policy.at_window_end is AtWindowEnd.STOP_SAFE
    if name is StepName.UP and safe and now >= plan.window_end - plan.reserve:
        return Failed(reasons=(_too_short(plan, name, now + plan.reserve),))
    return None


def _too_short(plan: RunPlan, name: StepName, ends: datetime) -> Reason:
    end = plan.window_end or ends
    return Reason(
        code="window-too-short",
        message=f"{name} and what follows would end at {utc_text(ends)}, and the window ends at {utc_text(end)}",
        owner=Party.VENDOR,
        remediation="wait for the next window; `kastellan runs show` tells what took so long",
        clause="MU-1",
    )
