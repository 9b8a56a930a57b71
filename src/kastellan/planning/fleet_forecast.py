"""What a fleet's rules come to as things stand: for each release its canary and its waves, with who begins when."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.domain.run_brief import RunBrief
from kastellan.domain.version import Version
from kastellan.planning.fleet_plan import FleetInput, in_order, next_starts


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """An installation's turn.

    Attributes:
        installation: which.
        state: `passed` and the other verdicts, `under-way`, `installed`, `begins-now`, `waits` or `not-due`.
        at: when it ended, was begun, or begins at the earliest (UTC); None where nobody knows.
        reason: why it waits; None where it does not.
        until: when that reason is over; None where it hangs on something else than time.
    """

    installation: str
    state: str
    at: datetime | None = None
    reason: Reason | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The canary, a wave, or what only verifies.

    Attributes:
        name: for people.
        size: how many installations it takes; 0 for no end.
        turns: in order; fewer than its size where nobody else has a window yet.
        gate: why it does not begin yet; None where it may.
    """

    name: str
    size: int
    turns: tuple[Turn, ...]
    gate: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseForecast:
    """One release.

    Attributes:
        version: the release.
        stages: those with somebody in them, in order.
        stopped: why nothing of it begins any more; None while it goes on.
    """

    version: Version
    stages: tuple[Stage, ...]
    stopped: Reason | None


def forecast(given: FleetInput) -> tuple[ReleaseForecast, ...]:
    """Of every release that somebody has due or under way, oldest first."""
    plan = next_starts(given)
    turns = {one.installation: Turn(installation=one.installation, state="begins-now") for one in plan.starts}
    for held in plan.held:
        one = held.candidate
        turns[one.installation] = Turn(
            installation=one.installation, state="waits", at=one.start, reason=held.reason, until=held.until
        )
    versions = {one.version for one in given.candidates} | {run.version for run in given.runs if run.closed is None}
    return tuple(_Forecast(given, turns, version).whole() for version in sorted(versions))


class _Forecast:
    def __init__(self, given: FleetInput, turns: dict[str, Turn], version: Version) -> None:
        self._given = given
        self._turns = turns
        self._rollout = given.rollout(version)
        self._due = [one for one in in_order(given.fleet, given.candidates) if one.version == version]

    def whole(self) -> ReleaseForecast:
        stopped = self._rollout.stopped()
        return ReleaseForecast(
            version=self._rollout.version,
            stages=tuple(stage for stage in self._stages() if stage.turns),
            stopped=stopped.reason if stopped else None,
        )

    def _stages(self) -> Iterator[Stage]:
        rollout, bringing = self._rollout, [one for one in self._due if one.migrates]
        canary = self._given.fleet.canary
        if bringing or rollout.reached:
            yield Stage(name="canary", size=len(canary), turns=tuple(self._turn(name) for name in canary))
        coming = [one for one in bringing if not rollout.is_canary(one.installation)]
        emergency = any(one.emergency for one in coming)
        order = list(dict.fromkeys([*rollout.reached, *(one.installation for one in coming)]))
        begin = 0
        for index, end in enumerate(rollout.ends):
            gate = rollout.before_wave(index, self._given.now, emergency=emergency)
            yield Stage(
                name=f"wave {index + 1}",
                size=end - begin,
                turns=tuple(self._turn(name) for name in order[begin:end]),
                gate=gate.reason if gate else self._turn_of_wave(index, order[:begin]),
            )
            begin = end
        verifying = [one.installation for one in self._due if not one.migrates]
        yield Stage(name="verification only", size=0, turns=tuple(self._turn(name) for name in verifying))

    def _turn_of_wave(self, index: int, before: list[str]) -> Reason | None:
        """What a wave waits for whose turn has not come; None where everybody before it has ended."""
        last = [self._rollout.last(name) for name in before]
        if all(run is not None and run.closed is not None for run in last):
            return None
        hours = self._given.fleet.wave(index - 1).soak.total_seconds() / 3600
        return Reason(
            code="wave-later",
            message=f"it begins when wave {index} has ended" + (f", and has soaked for {hours:g} h" if hours else ""),
            owner=Party.VENDOR,
            remediation="wait",
            clause="MU-2",
        )

    def _turn(self, name: str) -> Turn:
        last = self._rollout.last(name)
        due = self._turns.get(name)
        is_due = due is not None and self._is_due(name) and not (last and last.closed is None)
        if due is not None and is_due:
            return due
        if last is not None:
            return _as_run(last)
        installed = self._given.installed.get(name)
        proven = installed is not None and installed >= self._rollout.version
        return Turn(installation=name, state="installed" if proven else "not-due")

    def _is_due(self, name: str) -> bool:
        return any(one.installation == name for one in self._due)


def _as_run(run: RunBrief) -> Turn:
    if run.closed is None:
        return Turn(installation=run.installation, state="under-way", at=run.planned_at)
    return Turn(installation=run.installation, state=run.closed.verdict.value, at=run.closed.at)
