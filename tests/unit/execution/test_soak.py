"""How long an installation is watched, and when one stops."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from kastellan.domain.history import Verdict
from kastellan.domain.service_sample import Look, Question, Seen
from kastellan.execution.soak import soak, verify_service
from kastellan.planning.service_verdict import ServiceLimits
from tests.fakes.clock import FakeClock
from tests.fakes.progress import FakeProgress
from tests.unit.planning.test_service_verdict import look, sample, wrong

LIMITS = ServiceLimits(soak=timedelta(minutes=10), interval=timedelta(seconds=5))
BAD = wrong(sample("b", Question.DISCOVERY, Seen.WRONG, 502, "HTTP 502"))


class Probe:
    """Answers by the number of the look; each takes its time."""

    def __init__(self, clock: FakeClock, answer: Callable[[int], Look], *, takes: float = 0.5) -> None:
        self.clock, self.answer, self.takes, self.looks = clock, answer, takes, 0

    def look(self) -> Look:
        self.clock.sleep(self.takes)
        self.looks += 1
        return self.answer(self.looks)


def test_an_installation_is_watched_for_as_long_as_agreed() -> None:
    clock, progress = FakeClock(), FakeProgress()
    probe = Probe(clock, lambda _: look())
    found = soak(probe, clock, progress, LIMITS)
    assert found.verdict is Verdict.PASSED
    assert 600 <= clock.slept <= 606
    assert probe.looks == 121
    everything = 3 * len(Question)
    assert progress.lines[0] == f"soak: {everything} of {everything} answers good"


def test_a_soak_that_cannot_pass_any_more_leaves_the_window_to_undoing() -> None:
    clock = FakeClock()
    found = soak(Probe(clock, lambda _: BAD), clock, FakeProgress(), LIMITS)
    assert found.verdict is Verdict.FAILED
    assert clock.slept < 30


def test_a_short_soak_has_enough_looks_and_lasts_no_longer_than_agreed() -> None:
    clock = FakeClock()
    short = replace(LIMITS, soak=timedelta(seconds=8))
    found = soak(Probe(clock, lambda _: look()), clock, FakeProgress(), short)
    assert (found.verdict, found.looks) == (Verdict.PASSED, 5)
    assert clock.slept == 8.5


def test_slow_looks_are_still_enough_looks() -> None:
    clock = FakeClock()
    short = replace(LIMITS, soak=timedelta(seconds=10))
    found = soak(Probe(clock, lambda _: look(), takes=9.0), clock, FakeProgress(), short)
    assert (found.verdict, found.looks) == (Verdict.PASSED, 5)


def test_a_verification_waits_until_answers_are_good() -> None:
    clock = FakeClock()
    probe = Probe(clock, lambda number: BAD if number < 20 else look())
    assert verify_service(probe, clock, FakeProgress(), LIMITS).verdict is Verdict.PASSED
    assert probe.looks == 24


def test_a_verification_ends_with_its_budget_and_says_what_it_saw() -> None:
    clock = FakeClock()
    found = verify_service(Probe(clock, lambda _: BAD), clock, FakeProgress(), LIMITS, budget_seconds=60)
    assert found.verdict is Verdict.FAILED
    assert clock.slept < 63
    assert found.reasons[0].message == "discovery in zone b: 5 of 5 answers were bad (HTTP 502)"
