"""Which installations of a fleet are maintained next: canary, waves, limits, spread starts.

A pure function of the fleet's rules and of the journal of runs. It has no memory of its own: called again after any
kill, on any machine, it goes on where the journal stands.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kastellan.domain.fleet import Fleet, Place
from kastellan.domain.ledger import utc_text
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.domain.run_brief import RunBrief
from kastellan.domain.version import Version
from kastellan.planning.rollout import Gate, Rollout


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An installation with something due.

    Attributes:
        installation: which.
        version: what a run would bring.
        migrates: whether that is another version than the one that runs; verifying alone is no part of a rollout.
        emergency: whether it is Emergency Maintenance (MU-2).
        start: when it begins, spread inside its window (UTC).
        latest: last instant at which its run still fits before the window's end; None outside of one.
    """

    installation: str
    version: Version
    migrates: bool
    emergency: bool
    start: datetime
    latest: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A candidate that does not begin now.

    Attributes:
        candidate: which.
        reason: why, and who acts.
        until: when that is over; None where it hangs on something else than time.
    """

    candidate: Candidate
    reason: Reason
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetInput:
    """All that is looked at.

    Attributes:
        fleet: its rules.
        members: names of all installations that belong to it.
        candidates: those of them with something due, at most one row each.
        runs: in short, of all members.
        installed: versions that the canaries are known to run.
        places: where the members run.
        now: one instant for the whole decision (UTC).
        looked_at: an instant up to which a person has looked at every failure (UTC); None for nobody did.
    """

    fleet: Fleet
    members: Sequence[str]
    candidates: Sequence[Candidate]
    runs: Sequence[RunBrief]
    installed: Mapping[str, Version]
    places: Mapping[str, Place]
    now: datetime
    looked_at: datetime | None = None

    def rollout(self, version: Version) -> Rollout:
        """How far a release has come."""
        return Rollout(
            self.fleet,
            version,
            members=self.members,
            runs=self.runs,
            installed=self.installed,
            looked_at=self.looked_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetPlan:
    """Who begins now, in order; and who does not, with the reason."""

    starts: tuple[Candidate, ...]
    held: tuple[Held, ...]


def next_starts(given: FleetInput) -> FleetPlan:
    """Decide. Runs that somebody has to go on with are no candidates any more, and count as under way."""
    members = frozenset(given.members)
    under_way = [run for run in given.runs if run.closed is None and run.installation in members]
    busy = _Busy(given, under_way)
    rollouts: dict[Version, Rollout] = {}
    starts: list[Candidate] = []
    held: list[Held] = []
    for candidate in in_order(given.fleet, given.candidates):
        if busy.has(candidate.installation):
            continue
        rollout = rollouts.get(candidate.version) or given.rollout(candidate.version)
        rollouts[candidate.version] = rollout
        gate = _gate(given, rollout, busy, candidate)
        if gate is not None:
            held.append(Held(candidate=candidate, reason=gate.reason, until=gate.until))
            continue
        starts.append(candidate)
        busy.take(candidate.installation)
        if candidate.migrates:
            rollout.take(candidate.installation)
    return FleetPlan(starts=tuple(starts), held=tuple(held))


def in_order(fleet: Fleet, candidates: Iterable[Candidate]) -> list[Candidate]:
    """The canary before the others, then by start."""
    return sorted(candidates, key=lambda one: (one.installation not in fleet.canary, one.start, one.installation))


class _Busy:
    """Who is at work where."""

    def __init__(self, given: FleetInput, under_way: Iterable[RunBrief]) -> None:
        self._given = given
        self._names: set[str] = set()
        self._accounts: Counter[str] = Counter()
        self._regions: Counter[str] = Counter()
        for run in under_way:
            self.take(run.installation)

    def has(self, installation: str) -> bool:
        return installation in self._names

    def take(self, installation: str) -> None:
        if installation in self._names:
            return
        self._names.add(installation)
        place = self._given.places.get(installation, Place())
        self._accounts[place.account] += 1
        self._regions[place.region] += 1

    def of(self, names: Iterable[str]) -> int:
        return len(self._names.intersection(names))

    def limit(self, installation: str) -> Gate | None:
        fleet, place = self._given.fleet, self._given.places.get(installation, Place())
        if len(self._names) >= fleet.at_once:
            return _full("limit-at-once", f"{len(self._names)} under way in the fleet", fleet.at_once)
        if fleet.per_account is not None and self._accounts[place.account] >= fleet.per_account:
            account = place.account or "(not named)"
            return _full("limit-account", f"the limit of the cloud account {account} is reached", fleet.per_account)
        if fleet.per_region is not None and self._regions[place.region] >= fleet.per_region:
            return _full(
                "limit-region", f"the limit of the region {place.region or '(not named)'} is reached", fleet.per_region
            )
        return None


def _gate(given: FleetInput, rollout: Rollout, busy: _Busy, candidate: Candidate) -> Gate | None:
    if given.now < candidate.start:
        message = f"{candidate.installation} begins at {utc_text(candidate.start)}, spread inside its window"
        return Gate(reason=_reason("starts-later", message, "wait", "MU-1"), until=candidate.start)
    stopped = rollout.stopped()
    if stopped is not None:
        return stopped
    if candidate.migrates and not rollout.is_canary(candidate.installation):
        again = candidate.installation in rollout.reached
        place = rollout.reached.index(candidate.installation) if again else len(rollout.reached)
        wave = rollout.wave_of(place)
        closed = rollout.before_wave(wave, given.now, emergency=candidate.emergency)
        if closed is not None:
            return closed
        at_once = given.fleet.wave(wave).at_once
        if at_once is not None and busy.of(rollout.wave_names(wave)) >= at_once:
            return _full("limit-wave", f"the limit of wave {wave + 1} is reached", at_once)
    return busy.limit(candidate.installation)


def _full(code: str, message: str, limit: int) -> Gate:
    return Gate(reason=_reason(code, f"{message} (limit {limit})", "wait until one has ended", "MU-1"))


def _reason(code: str, message: str, remediation: str, clause: str) -> Reason:
    return Reason(code=code, message=message, owner=Party.VENDOR, remediation=remediation, clause=clause)
