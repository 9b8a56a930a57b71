"""Whether a run may begin now, and what it will do."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kastellan.domain import window_expansion
from kastellan.domain.catalogue import Catalogue
from kastellan.domain.configured_release import ConfiguredRelease
from kastellan.domain.contract import Contract
from kastellan.domain.history import DecisionKind, Fact, History, Verdict
from kastellan.domain.party import Party
from kastellan.domain.release import Release, ReleaseClass
from kastellan.domain.run import RunClosed, RunPlan, RunRecord, StepEnded, StepStarted, fold
from kastellan.domain.run_policy import RunPolicy
from kastellan.domain.run_step import ORDER, Done, StepName
from kastellan.domain.standing import standing
from kastellan.domain.version import Version
from kastellan.planning.pending_update import pending
from kastellan.planning.run_planning import NotNow, RunInput, latest_start, plan_run
from kastellan.planning.step_durations import percentile_95
from tests.builders import images
from tests.histories import CATALOGUE, CONTRACT, NEW, OLD, PATCHED, at, denied, emergency, enrolled, offered, ran, said
from tests.runs import START, run_plan

WINDOW = "2026-12-08T22:00"
BASE: tuple[Fact, ...] = (enrolled("2026-11-01"), *offered(WINDOW))
KNOWN = Catalogue(releases=tuple(replace(release, images=images()) for release in CATALOGUE.releases))
HOUR = timedelta(hours=1)


def found(now: datetime, *facts: Fact, contract: Contract = CONTRACT, **overrides: Any) -> RunPlan | NotNow:
    history = History(facts or BASE)
    catalogue = overrides.get("catalogue", KNOWN)
    windows = window_expansion.windows(contract.window_plan({}), now, now + timedelta(days=400))
    position = standing(contract, history, now)
    values: dict[str, Any] = {
        "installation": "acme",
        "contract": contract,
        "catalogue": catalogue,
        "configured": ConfiguredRelease(version=OLD),
        "history": history,
        "found": position,
        "pending": pending(contract, catalogue, history, position, windows, now),
        "windows": windows,
        "runs": (),
        "now": now,
    }
    return plan_run(RunInput(**(values | overrides)))


def codes(result: RunPlan | NotNow) -> list[str]:
    assert isinstance(result, NotNow)
    return [reason.code for reason in result.reasons]


def run_that_took(seconds: int, *, attempt: int = 1) -> RunRecord:
    plan = run_plan(attempt=attempt, window_start=START - timedelta(days=30))
    events: list[Any] = []
    for name in ORDER:
        events.append(StepStarted(at=START, step=name, attempt=1, token=1, worker="w"))
        done = Done(summary="done")
        events.append(StepEnded(at=START, step=name, attempt=1, milliseconds=seconds * 1000, outcome=done))
    return fold(plan, events)


def closed(verdict: Verdict) -> RunRecord:
    end = RunClosed(at=START, verdict=verdict, attribution=Party.VENDOR, version=OLD, reason="it fell over")
    return fold(run_plan(), [end])


def test_in_its_window_it_brings_what_was_offered() -> None:
    plan = found(START)
    assert isinstance(plan, RunPlan)
    assert (plan.before, plan.version, plan.undo, plan.attempt) == (OLD, NEW, True, 1)
    assert (plan.window_start, plan.window_end) == (START, START + 6 * HOUR)
    assert [step.name for step in plan.steps] == list(ORDER)
    assert plan.images == (str(images().zitadel), str(images().login))


@pytest.mark.parametrize(
    ("now", "code"),
    [
        (START - timedelta(seconds=1), "outside-window"),
        (START + 6 * HOUR, "outside-window"),
        (START + 5 * HOUR + timedelta(minutes=30), "window-too-short"),
    ],
)
def test_outside_of_its_window_or_too_late_in_it_nothing_begins(now: datetime, code: str) -> None:
    result = found(now)
    assert codes(result) == [code]
    assert isinstance(result, NotNow)
    assert result.due is (code == "window-too-short")


@given(minutes=st.integers(-24 * 60, 24 * 60), seconds=st.integers(1, 3000))
def test_whatever_begins_ends_inside_its_window_with_the_reserve_kept(minutes: int, seconds: int) -> None:
    now = START + timedelta(minutes=minutes)
    plan = found(now, runs=tuple(run_that_took(seconds, attempt=number) for number in range(1, 7)))
    if isinstance(plan, RunPlan):
        assert plan.window_start is not None
        assert plan.window_end is not None
        assert plan.window_start <= now
        assert now + plan.expected + plan.reserve <= plan.window_end
        assert now <= (latest_start(plan) or now)
        assert plan.reserve >= plan.step(StepName.UP).expected


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=40))
def test_of_a_hundred_durations_at_least_ninety_five_are_within_the_percentile(numbers: list[int]) -> None:
    samples = [timedelta(seconds=number) for number in numbers]
    limit = percentile_95(samples)
    assert limit in samples
    assert sum(sample <= limit for sample in samples) >= 0.95 * len(samples)


def test_durations_are_measured_once_there_are_enough_of_them() -> None:
    default = found(START)
    few = found(START, runs=[run_that_took(2)] * 4)
    enough = found(START, runs=[run_that_took(2)] * 5)
    assert isinstance(default, RunPlan)
    assert isinstance(few, RunPlan)
    assert isinstance(enough, RunPlan)
    assert few.step(StepName.UP).expected == default.step(StepName.UP).expected
    assert enough.step(StepName.UP).expected == timedelta(seconds=2)
    assert enough.step(StepName.UP).samples == 5


def test_what_the_customer_denied_is_due_and_blocked_by_the_customer() -> None:
    result = found(START, *BASE, denied(WINDOW, when="2026-12-01"))
    assert codes(result) == ["denied"]
    assert isinstance(result, NotNow)
    assert result.due
    assert result.reasons[0].owner is Party.CUSTOMER


def test_a_window_that_the_customer_moved_is_not_used() -> None:
    moved = said(DecisionKind.DEFER, WINDOW, when="2026-12-01", chosen="2026-12-20T22:00")
    assert not isinstance(found(START, *BASE, moved), RunPlan)


def test_what_has_completed_is_not_due_again_in_its_window() -> None:
    result = found(START + HOUR, *BASE, ran(WINDOW, when="2026-12-08T22:30"))
    assert codes(result) == ["completed"]
    assert isinstance(result, NotNow)
    assert not result.due


def test_an_installation_that_is_not_taken_over_is_not_maintained() -> None:
    assert codes(plan_run(replace(_input(), history=History(())))) == ["not-enrolled"]


def _input() -> RunInput:
    return RunInput(
        installation="acme",
        contract=CONTRACT,
        catalogue=KNOWN,
        configured=ConfiguredRelease(version=OLD),
        history=History(BASE),
        found=standing(CONTRACT, History(BASE), START),
        pending=(),
        windows=(),
        runs=(),
        now=START,
    )


class TestRefusals:
    def test_a_version_that_is_not_in_the_catalogue(self) -> None:
        assert "version-unknown" in codes(found(START, catalogue=Catalogue(releases=KNOWN.releases[:1])))

    def test_a_jump_that_the_catalogue_forbids(self) -> None:
        high = replace(KNOWN.releases[1], reachable_from=NEW)
        assert "forbidden-jump" in codes(found(START, catalogue=Catalogue(releases=(KNOWN.releases[0], high))))

    def test_a_file_that_asks_for_something_else_than_what_runs(self) -> None:
        assert "configured-otherwise" in codes(found(START, configured=ConfiguredRelease(version=Version(4, 9, 0))))

    def test_an_image_that_is_not_that_of_the_catalogue(self) -> None:
        wrong = ConfiguredRelease(version=OLD, images=images("b"))
        assert codes(found(START, configured=wrong)) == ["digest-mismatch", "digest-mismatch"]

    def test_images_that_nobody_knows(self) -> None:
        assert "images-unknown" in codes(found(START, catalogue=CATALOGUE))

    def test_a_version_that_has_not_run_as_long_as_the_next_one_asks(self) -> None:
        release = replace(KNOWN.releases[1], soak_days=60)
        assert codes(found(START, catalogue=Catalogue(releases=(KNOWN.releases[0], release)))) == ["not-soaked"]

    @pytest.mark.parametrize("verdict", [Verdict.FAILED, Verdict.INCONCLUSIVE])
    def test_what_failed_in_this_window_runs_again_only_when_a_person_says_so(self, verdict: Verdict) -> None:
        assert codes(found(START, runs=[closed(verdict)])) == ["failed-before"]
        plan = found(START, runs=[closed(verdict)], again=True)
        assert isinstance(plan, RunPlan)
        assert plan.attempt == 2

    def test_what_was_blocked_is_tried_again_after_a_while(self) -> None:
        blocked = [closed(Verdict.BLOCKED)]
        assert codes(found(START, runs=blocked)) == ["blocked-before"]
        for plan in (found(START + timedelta(minutes=30), runs=blocked), found(START, runs=blocked, again=True)):
            assert isinstance(plan, RunPlan)
            assert plan.attempt == 2


class TestEmergencies:
    CATALOGUE = Catalogue(
        releases=(
            *KNOWN.releases,
            Release(
                version=PATCHED,
                published=None,
                reachable_from=OLD,
                release_class=ReleaseClass.SECURITY,
                images=images(),
                backward_compatible=False,
            ),
        )
    )

    def find(self, now: str, *facts: Fact, **policy: Any) -> RunPlan | NotNow:
        contract = replace(CONTRACT, runs=RunPolicy(**policy))
        return found(at(now), enrolled("2026-11-01"), *facts, contract=contract, catalogue=self.CATALOGUE)

    def test_without_a_window_in_its_clock_it_runs_outside_of_one_after_its_lead(self) -> None:
        notice = emergency("2026-11-20", received="2026-11-20T12:00")
        assert codes(self.find("2026-11-20T13:00", *notice))[0] == "outside-window"
        plan = self.find("2026-11-21T12:00", *notice)
        assert isinstance(plan, RunPlan)
        assert (plan.window_start, plan.window_end, plan.version) == (None, None, PATCHED)
        assert not plan.undo

    def test_outside_of_windows_only_as_the_contract_says(self) -> None:
        notice = emergency("2026-11-20", received="2026-11-20T12:00")
        assert not isinstance(self.find("2026-11-21T12:00", *notice, emergency_outside_window=False), RunPlan)

    def test_a_window_before_the_end_of_its_clock_is_used(self) -> None:
        notice = emergency("2026-12-07", received="2026-12-07T12:00")
        assert not isinstance(self.find("2026-12-08T21:00", *notice), RunPlan)
        plan = self.find("2026-12-08T22:00", *notice)
        assert isinstance(plan, RunPlan)
        assert plan.window_end == START + 6 * HOUR

    def test_denied_it_is_due_and_blocked_by_the_customer(self) -> None:
        item = f"emergency/{PATCHED}"
        notice = emergency("2026-11-20", received="2026-11-20T12:00")
        result = self.find("2026-11-22", *notice, denied(WINDOW, when="2026-11-21", item=item))
        assert isinstance(result, NotNow)
        assert result.due
        assert result.reasons[0].owner is Party.CUSTOMER
