"""A check in two halves: neither stands for the other, and what was left out hides nothing."""

from collections.abc import Callable

import pytest

from kastellan.preflight.check import failed, known, not_applicable, passed, tried, warned
from kastellan.preflight.facts import left_out
from kastellan.preflight.finding import Part, Verdict
from kastellan.preflight.halves import Half, both
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.probe_facts import NotProbed
from tests.unit.preflight.platforms import UNKNOWN

_LEFT_OUT = left_out("left out of a read-only run", "run it with --probes")


def _raises(fact: object) -> Callable[[], Verdict]:
    def judge() -> Verdict:
        tried(fact)
        raise AssertionError("unreachable: there is no such fact")

    return judge


HALVES: dict[str, Callable[[], Verdict]] = {
    "pass": lambda: passed("fine"),
    "warn": lambda: warned("weak", "strengthen it"),
    "fail": lambda: failed("wrong", "mend it"),
    "unknown": lambda: known(UNKNOWN),
    "left out": _raises(_LEFT_OUT),
    "nothing": _raises(NotProbed(why="nothing is named")),
}


@pytest.mark.parametrize(
    ("api", "probe", "outcome", "executed"),
    [
        ("pass", "pass", Outcome.PASS, True),
        ("pass", "fail", Outcome.FAIL, True),
        ("fail", "pass", Outcome.FAIL, True),
        ("fail", "left out", Outcome.FAIL, True),
        ("pass", "left out", Outcome.UNKNOWN, False),
        ("warn", "left out", Outcome.UNKNOWN, False),
        ("unknown", "left out", Outcome.UNKNOWN, True),
        ("unknown", "pass", Outcome.UNKNOWN, True),
        ("warn", "pass", Outcome.WARN, True),
        ("nothing", "pass", Outcome.PASS, True),
        ("nothing", "left out", Outcome.UNKNOWN, False),
        ("pass", "nothing", Outcome.PASS, True),
        ("nothing", "nothing", Outcome.NOT_APPLICABLE, True),
    ],
)
def test_the_worse_half_decides_and_one_that_was_left_out_hides_no_failure(
    api: str, probe: str, outcome: Outcome, executed: bool
) -> None:
    for order in ((api, probe), (probe, api)):
        verdict = both(*(Half(vantage=name, judge=HALVES[name]) for name in order))
        assert (verdict.outcome, not verdict.left_out) == (outcome, executed), order
        assert bool(verdict.remediation) is (outcome not in (Outcome.PASS, Outcome.NOT_APPLICABLE))


def test_what_was_looked_at_and_is_unknown_is_told_and_not_what_was_left_out() -> None:
    verdict = both(Half(vantage="pods", judge=HALVES["left out"]), Half(vantage="api", judge=HALVES["unknown"]))
    assert verdict.observed == "could not be determined: listing was refused"
    assert verdict.remediation == "allow the list"


def test_the_parts_of_both_halves_are_kept_and_each_has_its_vantage() -> None:
    parts = (
        Part(vantage="pod@a", outcome=Outcome.PASS, observed="mounted"),
        Part(vantage="pod@b", outcome=Outcome.PASS, observed="mounted"),
    )
    verdict = both(
        Half(vantage="api", judge=lambda: passed("described")),
        Half(vantage="pods", judge=lambda: Verdict(outcome=Outcome.PASS, observed="all", parts=parts)),
        Half(vantage="here", judge=lambda: not_applicable("nothing")),
    )
    assert [part.vantage for part in verdict.parts] == ["api", "pod@a", "pod@b"]
    assert verdict.observed == "described; all"
