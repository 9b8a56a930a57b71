"""A fleet that is played on paper: whatever happens, limits and order are kept."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from kastellan.domain.fleet import Fleet, Place, Share, Wave
from kastellan.domain.history import Verdict
from kastellan.domain.party import Party
from kastellan.domain.run import RunClosed
from kastellan.domain.run_brief import RunBrief
from kastellan.planning.fleet_plan import FleetInput, FleetPlan, next_starts
from tests.fleets import HOUR, NEW, NOW, candidate, run, started


@dataclass
class Play:
    fleet: Fleet
    members: tuple[str, ...]
    starts: dict[str, datetime]
    ends: dict[str, Verdict]
    places: dict[str, Place]
    now: datetime = NOW
    runs: dict[str, RunBrief] = field(default_factory=dict)

    def plan(self) -> FleetPlan:
        due = [candidate(name, start=start) for name, start in self.starts.items() if not self.is_over(name)]
        return next_starts(
            FleetInput(
                fleet=self.fleet, members=self.members, candidates=due, runs=tuple(self.runs.values()),
                installed={}, places=self.places, now=self.now,
            )
        )  # fmt: skip

    def is_over(self, name: str) -> bool:
        return name in self.runs and self.runs[name].closed is not None

    def admit(self, plan: FleetPlan, most: int) -> None:
        """Journal what begins; where the decider is killed in between, only some of it."""
        for one in plan.starts[:most]:
            assert one.installation not in self.runs, "nothing begins twice"
            brief = run(one.installation, None, at=self.now)
            # Of one instant the order is that of the decision.
            self.runs[one.installation] = replace(brief, id=f"{len(self.runs):04}.{brief.id}")

    def end(self, name: str) -> None:
        verdict = self.ends[name]
        closed = RunClosed(at=self.now, verdict=verdict, attribution=Party.VENDOR, version=NEW, reason="why")
        self.runs[name] = replace(self.runs[name], closed=closed)

    @property
    def open(self) -> list[str]:
        return [name for name, one in self.runs.items() if one.closed is None]

    def check(self) -> None:
        fleet, wide = self.fleet, [self.places.get(name, Place()) for name in self.open]
        assert len(self.open) <= fleet.at_once
        assert max(Counter(place.account for place in wide).values(), default=0) <= (fleet.per_account or 99)
        assert max(Counter(place.region for place in wide).values(), default=0) <= (fleet.per_region or 99)
        reached = [name for name in self.runs if name not in fleet.canary and not self.runs[name].blocked]
        ends = fleet.ends_of_waves(len(self.members) - len(fleet.canary))
        if reached:
            assert all(self.is_over(name) for name in fleet.canary), "the canary comes first"
        for wave, end in enumerate(ends[:-1]):
            before, after = reached[:end], reached[end:]
            limit = fleet.wave(wave).at_once
            first = ends[wave - 1] if wave else 0
            assert limit is None or sum(not self.is_over(name) for name in reached[first:end]) <= limit
            if after:
                assert all(self.is_over(name) for name in before), "a wave begins after the one before has ended"


@st.composite
def plays(draw: st.DrawFn) -> Play:
    members = tuple(f"i{number}" for number in range(draw(st.integers(1, 12))))
    limit = st.none() | st.integers(1, 4)
    sizes = st.builds(Share, number=st.integers(1, 5)) | st.builds(Share, percent=st.integers(1, 100))
    soaks = st.sampled_from([timedelta(0), HOUR, 5 * HOUR])
    fleet = Fleet(
        canary=tuple(draw(st.sets(st.sampled_from(members), max_size=2))),
        canary_soak=draw(soaks),
        waves=tuple(draw(st.lists(st.builds(Wave, size=sizes, soak=soaks, at_once=limit), max_size=3))),
        at_once=draw(st.integers(1, 5)),
        per_account=draw(limit),
        per_region=draw(limit),
        stop_after=draw(st.integers(1, 3)),
    )
    places = st.builds(Place, account=st.sampled_from("ab"), region=st.sampled_from("xy"))
    verdicts = st.sampled_from([Verdict.PASSED] * 6 + [Verdict.BLOCKED, Verdict.FAILED])
    return Play(
        fleet=fleet,
        members=members,
        starts={name: NOW + draw(st.integers(0, 6)) * HOUR for name in members},
        ends={name: draw(verdicts) for name in members},
        places={name: draw(places) for name in members},
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(play=plays(), data=st.data())
def test_whatever_happens_limits_and_order_are_kept_and_nothing_begins_twice(play: Play, data: st.DataObject) -> None:
    """Runs end in any order, time passes, deciders are killed in the middle of writing down what they decided."""
    for _ in range(12):
        plan = play.plan()
        failed = sum(one.unexplained for one in play.runs.values())
        assert not plan.starts or failed < play.fleet.stop_after
        assert {one.installation for one in plan.starts}.isdisjoint(play.runs)
        killed = data.draw(st.integers(0, len(plan.starts)))
        play.admit(plan, killed)
        play.check()
        rest = [one.installation for one in plan.starts[killed:]]
        assert started(play.plan()) == rest, "whoever comes next begins the same ones"
        play.admit(play.plan(), 99)
        play.check()
        for name in data.draw(st.sets(st.sampled_from(play.open))) if play.open else ():
            play.end(name)
        play.now += data.draw(st.sampled_from([timedelta(0), HOUR, 8 * HOUR]))


@settings(max_examples=25, deadline=None)
@given(play=plays())
def test_where_all_passes_everybody_is_reached(play: Play) -> None:
    play.ends = dict.fromkeys(play.members, Verdict.PASSED)
    for _ in range(200):
        if set(play.runs) == set(play.members):
            break
        play.admit(play.plan(), 99)
        for name in play.open:
            play.end(name)
        play.now += HOUR
    assert set(play.runs) == set(play.members)
