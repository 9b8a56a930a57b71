"""Many installations: the canary first, then waves, within limits; decided from the journal alone."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kastellan.domain.fleet import Fleet, Place, Share, Wave, spread_start
from kastellan.domain.history import Verdict
from kastellan.domain.party import Party
from kastellan.domain.run_brief import RunBrief
from kastellan.domain.version import Version
from tests.fleets import HOUR, NEW, NOW, OLD, TEN, candidate, decided, held, run, started

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
