"""What an installation asks of its fleet: the run that may begin now, or the one that comes next."""

from datetime import datetime, timedelta

from kastellan.domain.fleet import Fleet, spread_start
from kastellan.domain.release import ReleaseClass
from kastellan.domain.run import RunPlan
from kastellan.planning.fleet_plan import Candidate
from kastellan.planning.pending_update import installed_version
from kastellan.planning.run_planning import RunInput, latest_start
from kastellan.planning.step_durations import measured, planned_steps, reserve


def due_candidate(plan: RunPlan, fleet: Fleet, *, at_once: bool = False) -> Candidate:
    """The candidate of a run that may begin now.

    Args:
        plan: of the run.
        fleet: its rules.
        at_once: whether a person wants it now, and not at its spread start.
    """
    emergency = plan.release_class is not ReleaseClass.REGULAR
    latest = latest_start(plan)
    start = plan.planned_at
    if plan.window_start is not None and latest is not None and not emergency and not at_once:
        start = spread_start(plan.installation, plan.version, plan.window_start, latest, percent=fleet.spread)
    return Candidate(
        installation=plan.installation,
        version=plan.version,
        migrates=plan.migrates,
        emergency=emergency,
        start=start,
        latest=latest,
    )


def next_candidate(given: RunInput, fleet: Fleet) -> Candidate | None:
    """The candidate of the run that comes next as things stand; None where none does."""
    installed = installed_version(given.history)
    coming = [(one.effective.at, one) for one in given.pending if one.effective.at and one.effective.at > given.now]
    if installed is None or not coming:
        return None
    start, update = min(coming, key=lambda row: row[0])
    emergency = update.release_class is not ReleaseClass.REGULAR
    migrates = update.version != installed
    latest = _latest(given, start, migrates=migrates)
    if latest is not None and not emergency:
        start = spread_start(given.installation, update.version, start, latest, percent=fleet.spread)
    return Candidate(
        installation=given.installation,
        version=update.version,
        migrates=migrates,
        emergency=emergency,
        start=start,
        latest=latest,
    )


def _latest(given: RunInput, start: datetime, *, migrates: bool) -> datetime | None:
    window = next((window for window in given.windows if window.contains(start)), None)
    if window is None:
        return None
    steps = planned_steps(given.contract.runs, measured(given.runs))
    expected = sum((step.expected for step in steps), timedelta(0))
    return window.end - expected - reserve(steps, migrates=migrates)
