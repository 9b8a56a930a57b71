"""What holds for every check, whatever it judges."""

from dataclasses import replace

import pytest

from kastellan.preflight.catalogue import CHECKS
from kastellan.preflight.check import Check, folded
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import Measure, Part
from kastellan.preflight.outcome import Outcome, worst
from tests.unit.preflight.platforms import NOW, UNKNOWN, facts, requirement


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_check_sees_only_the_facts_that_it_names(check: Check) -> None:
    others = {name: UNKNOWN for name in Facts.__dataclass_fields__ if name not in check.reads}
    whole, seen = facts(), replace(facts(), **others)
    assert check.run(seen, requirement(), NOW.date()) == check.run(whole, requirement(), NOW.date())


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_check_needs_each_of_the_facts_that_it_names(check: Check) -> None:
    for name in check.reads:
        if (check.id, name) in (("NET-2", "entrance"), ("PG-4", "managed")):
            continue  # a call that went through says more than a claim, a standby that streams more than a provider
        finding = check.run(replace(facts(), **{name: UNKNOWN}), requirement(), NOW.date())
        assert finding.outcome is Outcome.UNKNOWN, name


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_check_that_was_left_out_is_unknown_and_not_executed(check: Check) -> None:
    finding = check.left_out(requirement(), "--skip")
    assert (finding.outcome, finding.executed) == (Outcome.UNKNOWN, False)
    assert "not run: --skip" in finding.observed


def _part(vantage: str, outcome: Outcome, value: float | None = None) -> Part:
    measure = None if value is None else Measure(value=value, unit="ms", limit=5, more_is_better=False)
    return Part(vantage=vantage, outcome=outcome, observed="seen", measure=measure)


@pytest.mark.parametrize(
    ("outcomes", "whole"),
    [
        ((), Outcome.UNKNOWN),
        ((Outcome.PASS, Outcome.PASS), Outcome.PASS),
        ((Outcome.PASS, Outcome.NOT_APPLICABLE), Outcome.PASS),
        ((Outcome.PASS, Outcome.UNKNOWN), Outcome.UNKNOWN),
        ((Outcome.WARN, Outcome.UNKNOWN), Outcome.UNKNOWN),
        ((Outcome.UNKNOWN, Outcome.ERROR), Outcome.ERROR),
        ((Outcome.UNKNOWN, Outcome.ERROR, Outcome.FAIL, Outcome.WARN), Outcome.FAIL),
    ],
)
def test_the_worst_of_several_vantages_decides_and_nothing_unknown_passes(
    outcomes: tuple[Outcome, ...], whole: Outcome
) -> None:
    assert worst(outcomes) is whole
    parts = [_part(f"pod@{number}", outcome) for number, outcome in enumerate(outcomes)]
    assert folded(parts, "mend it").outcome is whole


def test_a_folded_verdict_names_the_places_that_decide_and_keeps_all() -> None:
    parts = [
        _part("pod@a", Outcome.PASS, 1), _part("pod@b", Outcome.FAIL, 9), _part("pod@c", Outcome.FAIL, 7),
    ]  # fmt: skip
    verdict = folded(parts, "mend it")
    assert verdict.observed == "pod@b: seen; pod@c: seen"
    assert verdict.parts == tuple(parts)
    assert verdict.remediation == "mend it"
    assert verdict.measure == parts[1].measure


def test_many_places_are_told_shortly() -> None:
    verdict = folded([_part(f"pod@{number}", Outcome.FAIL) for number in range(9)], "mend it")
    assert verdict.observed.endswith("pod@4: seen; and 4 more")
