"""A fleet whose release is due, its runs, and what is decided about it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from kastellan.domain.fleet import Fleet, Place
from kastellan.domain.history import Verdict
from kastellan.domain.party import Party
from kastellan.domain.run import RunClosed
from kastellan.domain.run_brief import RunBrief
from kastellan.domain.version import Version
from kastellan.planning.fleet_plan import Candidate, FleetInput, FleetPlan, next_starts

OLD, NEW = Version(4, 13, 1), Version(4, 14, 0)


NOW = datetime(2026, 12, 8, 21, tzinfo=UTC)


HOUR = timedelta(hours=1)


TEN = tuple(f"i{number}" for number in range(10))


def candidate(name: str, *, start: datetime = NOW, version: Version = NEW, **more: Any) -> Candidate:
    return Candidate(
        **{
            "installation": name, "version": version, "migrates": True, "emergency": False,
            "start": start, "latest": start + 3 * HOUR,
        } | more
    )  # fmt: skip


def run(
    name: str,
    verdict: Verdict | None = Verdict.PASSED,
    *,
    by: Party = Party.VENDOR,
    at: datetime = NOW - 2 * HOUR,
    ended: datetime = NOW - HOUR,
    migrates: bool = True,
) -> RunBrief:
    version = NEW if verdict is Verdict.PASSED else OLD
    closed = RunClosed(at=ended, verdict=verdict, attribution=by, version=version, reason="why") if verdict else None
    return RunBrief(
        id=f"{name}.regular.{at:%H%M}", installation=name, version=NEW, migrates=migrates, planned_at=at, closed=closed
    )


def decided(
    fleet: Fleet,
    *runs: RunBrief,
    due: Sequence[Candidate | str] = TEN,
    members: Sequence[str] = TEN,
    places: dict[str, Place] | None = None,
    **more: Any,
) -> FleetPlan:
    candidates = [one if isinstance(one, Candidate) else candidate(one) for one in due]
    given_input = FleetInput(
        fleet=fleet, members=members, candidates=candidates, runs=runs, places=places or {},
        **({"installed": {}, "now": NOW} | more),
    )  # fmt: skip
    return next_starts(given_input)


def started(plan: FleetPlan) -> list[str]:
    return [one.installation for one in plan.starts]


def held(plan: FleetPlan) -> dict[str, str]:
    return {one.candidate.installation: one.reason.code for one in plan.held}
