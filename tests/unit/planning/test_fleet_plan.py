"""Many installations: the canary first, then waves, within limits; decided from the journal alone."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kastellan.domain.fleet import Fleet, Place, Share, Wave, spread_start
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


WAVES = Fleet(
    canary=("i0",), canary_soak=24 * HOUR, at_once=100, emergency_soak=HOUR,
    waves=(Wave(size=Share(number=2), soak=6 * HOUR), Wave(size=Share(percent=50), at_once=2)),
)  # fmt: skip


class TestOrder:
    def test_without_any_rule_one_begins_after_the_other(self) -> None:
        assert started(decided(Fleet())) == ["i0"]
        assert started(decided(Fleet(), run("i0"))) == ["i0"], "whether it is due is not decided here"
        assert held(decided(Fleet(), run("i0", None)))["i1"] == "limit-at-once"

    def test_before_the_canary_nobody_else_begins(self) -> None:
        plan = decided(WAVES)
        assert started(plan) == ["i0"]
        assert set(held(plan).values()) == {"canary-first"}

    def test_a_canary_that_is_not_due_holds_everybody_up_until_it_was(self) -> None:
        assert started(decided(WAVES, due=TEN[1:])) == []

    def test_a_canary_that_runs_the_release_already_has_proven_it(self) -> None:
        assert started(decided(WAVES, due=TEN[1:], installed={"i0": NEW})) == ["i1", "i2"]

    def test_the_canary_soaks(self) -> None:
        plan = decided(WAVES, run("i0"), due=TEN[1:])
        assert started(plan) == []
        assert {one.until for one in plan.held} == {NOW - HOUR + 24 * HOUR}
        assert started(decided(WAVES, run("i0", ended=NOW - 24 * HOUR), due=TEN[1:])) == ["i1", "i2"]

    def test_an_emergency_soaks_for_a_time_of_its_own(self) -> None:
        due = [candidate(name, emergency=True) for name in TEN[1:]]
        assert started(decided(WAVES, run("i0"), due=due)) == ["i1", "i2"]

    def test_a_canary_that_the_customer_blocked_is_left_out_where_another_one_passed(self) -> None:
        fleet = replace(WAVES, canary=("i0", "i1"))
        blocked = run("i0", Verdict.BLOCKED, by=Party.CUSTOMER)
        assert started(decided(fleet, blocked, run("i1", ended=NOW - 24 * HOUR), due=TEN[2:])) == ["i2", "i3"]
        both = (blocked, run("i1", Verdict.BLOCKED, by=Party.CUSTOMER))
        assert set(held(decided(fleet, *both, due=TEN[2:])).values()) == {"canary-first"}, "nothing is proven"
        ours = run("i0", Verdict.BLOCKED)
        assert started(decided(fleet, ours, run("i1", ended=NOW - 24 * HOUR), due=TEN[2:])) == []

    def test_a_wave_begins_when_the_one_before_has_ended_and_soaked(self) -> None:
        long_ago = NOW - 48 * HOUR
        canary = run("i0", at=long_ago, ended=long_ago)
        assert held(decided(WAVES, canary, run("i1"), run("i2", None), due=TEN[3:]))["i3"] == "wave-not-ended"
        assert held(decided(WAVES, canary, run("i1"), run("i2"), due=TEN[3:]))["i3"] == "soaking"
        soaked = [run(name, ended=NOW - 6 * HOUR) for name in ("i1", "i2")]
        plan = decided(WAVES, canary, *soaked, due=TEN[3:])
        assert started(plan) == ["i3", "i4"]
        assert held(plan)["i5"] == "limit-wave"

    def test_who_never_came_to_its_window_holds_nobody_up(self) -> None:
        canary = run("i0", ended=NOW - 48 * HOUR)
        assert started(decided(WAVES, canary, due=["i8"])) == ["i8"]

    def test_what_only_verifies_is_no_part_of_a_rollout(self) -> None:
        due = [candidate("i5", migrates=False)]
        assert started(decided(WAVES, due=due)) == ["i5"]
        assert started(decided(WAVES, run("i0", ended=NOW - 48 * HOUR), run("i5", migrates=False))) == [
            "i0", "i1", "i2",
        ]  # fmt: skip


class TestStop:
    fleet = Fleet(at_once=100)

    @pytest.mark.parametrize("failed", [
        run("i0", Verdict.FAILED),
        run("i0", Verdict.FAILED, by=Party.THIRD_PARTY),
        run("i0", Verdict.INCONCLUSIVE, by=Party.CUSTOMER),
    ])  # fmt: skip
    def test_an_unexplained_failure_stops_the_release(self, failed: RunBrief) -> None:
        plan = decided(self.fleet, failed, due=TEN[1:])
        assert started(plan) == []
        assert set(held(plan).values()) == {"fleet-stopped"}
        assert failed.id in plan.held[0].reason.message

    @pytest.mark.parametrize("ended", [
        run("i0", Verdict.FAILED, by=Party.CUSTOMER), run("i0", Verdict.BLOCKED), run("i0"),
    ])  # fmt: skip
    def test_what_lies_with_the_customer_or_changed_nothing_does_not(self, ended: RunBrief) -> None:
        assert len(started(decided(self.fleet, ended, due=TEN[1:]))) == 9

    def test_another_release_goes_on(self) -> None:
        due = [candidate("i1", version=Version(4, 14, 1))]
        assert started(decided(self.fleet, run("i0", Verdict.FAILED), due=due)) == ["i1"]

    def test_it_goes_on_where_the_failed_one_passed_or_a_person_explained_it(self) -> None:
        failed = run("i0", Verdict.FAILED)
        passed = run("i0", at=NOW - HOUR, ended=NOW)
        assert started(decided(self.fleet, failed, passed, due=["i1"])) == ["i1"]
        assert started(decided(replace(self.fleet, explained=frozenset({failed.id})), failed, due=["i1"])) == ["i1"]
        assert started(decided(self.fleet, failed, due=["i1"], looked_at=NOW)) == ["i1"]
        assert started(decided(self.fleet, failed, due=["i1"], looked_at=NOW - 2 * HOUR)) == []

    def test_more_failures_may_be_allowed(self) -> None:
        fleet = replace(self.fleet, stop_after=2)
        assert started(decided(fleet, run("i0", Verdict.FAILED), due=["i2"])) == ["i2"]
        assert started(decided(fleet, run("i0", Verdict.FAILED), run("i1", Verdict.FAILED), due=["i2"])) == []


PLACES = {name: Place(account=f"a{place % 2}", region="r") for place, name in enumerate(TEN)}


class TestLimits:
    def test_of_a_cloud_account_and_of_a_region(self) -> None:
        plan = decided(Fleet(at_once=9, per_account=2), places=PLACES)
        assert started(plan) == ["i0", "i1", "i2", "i3"]
        assert set(held(plan).values()) == {"limit-account"}
        assert len(started(decided(Fleet(at_once=9, per_region=3), places=PLACES))) == 3

    def test_places_that_nobody_names_count_as_one(self) -> None:
        assert started(decided(Fleet(at_once=9, per_account=1))) == ["i0"]

    def test_runs_of_other_machines_count_too(self) -> None:
        assert started(decided(Fleet(at_once=2), run("i0", None), due=TEN[1:])) == ["i1"]


class TestSpread:
    @given(
        name=st.text("abc-123", min_size=1),
        hours=st.integers(0, 12),
        percent=st.integers(0, 100),
    )
    def test_a_start_is_stable_and_its_run_fits(self, name: str, hours: int, percent: int) -> None:
        latest = NOW + hours * HOUR
        start = spread_start(name, NEW, NOW, latest, percent=percent)
        assert NOW <= start <= NOW + (latest - NOW) * percent / 100
        assert start == spread_start(name, NEW, NOW, latest, percent=percent)

    def test_a_window_that_is_too_short_begins_with_its_start(self) -> None:
        assert spread_start("acme", NEW, NOW, NOW - HOUR) == NOW

    def test_a_thousand_starts_fill_the_time_evenly(self) -> None:
        starts = [spread_start(f"i{number}", NEW, NOW, NOW + 10 * HOUR) for number in range(1000)]
        hours = Counter(int((start - NOW) / HOUR) for start in starts)
        assert set(hours) == set(range(10))
        assert max(hours.values()) < 2 * min(hours.values())

    def test_another_release_begins_at_another_time(self) -> None:
        assert spread_start("acme", NEW, NOW, NOW + HOUR) != spread_start("acme", OLD, NOW, NOW + HOUR)

    def test_before_its_start_nothing_begins(self) -> None:
        plan = decided(Fleet(), due=[candidate("i0", start=NOW + HOUR)])
        assert held(plan) == {"i0": "starts-later"}
        assert plan.held[0].until == NOW + HOUR


# A fleet at play: every decision is taken by somebody who knows nothing but the journal.


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
