"""The report as a whole: which outcome wins, and that nothing unknown ever counts as met."""

from dataclasses import replace
from typing import Any

import pytest

from kastellan.domain.errors import InvalidInputError
from kastellan.domain.party import Party
from kastellan.preflight.catalogue import CHECKS
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import Finding
from kastellan.preflight.gate import BOTH, WARN_ONLY, Gate
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.report import Overall, Report
from kastellan.preflight.selection import selection
from tests.unit.preflight.platforms import RESTORED, UNKNOWN, bad, circumstances, facts, report

_IDS = [check.id for check in CHECKS]


def _of(*outcomes: Outcome, expected: int | None = None, gates: frozenset[Gate] = BOTH) -> Report:
    findings = tuple(
        Finding(
            check="ZON-1",
            version=1,
            title="",
            outcome=outcome,
            gates=gates,
            guarantees=frozenset(),
            subject="",
            expected="",
            observed="",
            measure=None,
            owner=Party.CUSTOMER,
            remediation="",
            clause="",
            vantage="",
            parts=(),
            evidence=(),
        )
        for outcome in outcomes
    )
    return replace(report(), findings=findings, expected=len(outcomes) if expected is None else expected)


@pytest.mark.parametrize(
    ("outcomes", "overall"),
    [
        ((Outcome.PASS, Outcome.NOT_APPLICABLE, Outcome.WAIVED, Outcome.ATTESTED), Overall.PASSED),
        ((Outcome.PASS, Outcome.WARN), Overall.WARNINGS),
        ((Outcome.WARN, Outcome.UNKNOWN), Overall.INCOMPLETE),
        ((Outcome.WARN, Outcome.ERROR), Overall.INCOMPLETE),
        ((Outcome.UNKNOWN, Outcome.ERROR, Outcome.FAIL, Outcome.WARN), Overall.FAILED),
    ],
)
def test_a_failure_outweighs_incomplete_which_outweighs_warnings(
    outcomes: tuple[Outcome, ...], overall: Overall
) -> None:
    assert _of(*outcomes).overall is overall


@pytest.mark.parametrize("outcome", [Outcome.FAIL, Outcome.UNKNOWN, Outcome.ERROR, Outcome.WARN])
def test_what_is_no_gate_here_only_warns(outcome: Outcome) -> None:
    assert _of(outcome, gates=frozenset({Gate.MAINTENANCE})).overall is Overall.WARNINGS
    assert _of(outcome, gates=WARN_ONLY).stopping == ()


def test_a_report_that_lacks_a_finding_is_incomplete_although_all_it_has_passed() -> None:
    assert _of(Outcome.PASS, expected=2).overall is Overall.INCOMPLETE


def test_a_good_platform_passes_every_check() -> None:
    found = report(exemptions=[RESTORED])
    outcomes = {finding.check: finding.outcome for finding in found.findings}
    assert outcomes.pop("PG-5") is Outcome.ATTESTED  # that a backup restores is stated by somebody, never seen
    assert outcomes == dict.fromkeys(outcomes, Outcome.PASS)
    assert len(outcomes) == len(CHECKS) - 1
    assert found.overall is Overall.PASSED


def test_every_check_is_unknown_where_nothing_could_be_read() -> None:
    found = report(facts(**{group: UNKNOWN for group in Facts.__dataclass_fields__}))
    assert {finding.outcome for finding in found.findings} == {Outcome.UNKNOWN}
    assert found.overall is Overall.INCOMPLETE


@pytest.mark.parametrize("group", sorted(Facts.__dataclass_fields__))
def test_one_unread_group_changes_outcomes_only_to_unknown_and_never_to_a_pass(group: str) -> None:
    found = report(replace(bad(), **{group: UNKNOWN}))
    before = {finding.check: finding.outcome for finding in report(bad()).findings}
    changed = {finding.outcome for finding in found.findings if finding.outcome is not before[finding.check]}
    assert changed <= {Outcome.UNKNOWN}


def test_ids_are_unique_and_every_row_says_whose_turn_it_is_and_what_to_do() -> None:
    assert len(set(_IDS)) == len(CHECKS)
    for finding in report(bad()).findings:
        assert finding.expected
        assert finding.observed
        nothing_to_do = finding.outcome in (Outcome.PASS, Outcome.NOT_APPLICABLE, Outcome.ATTESTED)
        assert nothing_to_do or finding.remediation, finding.check


def test_a_check_that_breaks_is_an_error_of_the_vendor_and_the_others_go_on() -> None:
    found = report(facts(server_version="unreadable"), circumstances=circumstances(gate=Gate.MAINTENANCE))
    broken = {finding.check for finding in found.findings if finding.outcome is Outcome.ERROR}
    assert {"VER-1", "VER-2"} <= broken
    assert all(finding.owner is Party.VENDOR for finding in found.findings if finding.check in broken)
    assert len(found.findings) == len(CHECKS)
    assert found.overall is Overall.INCOMPLETE


@pytest.mark.parametrize(
    ("only", "skip", "ran"),
    [((), (), set(_IDS)), (("ZON-1",), (), {"ZON-1"}), (("zon-1", "CAP-1"), ("CAP-1",), {"ZON-1"})],
)
def test_checks_that_are_left_out_keep_their_row_and_leave_the_report_incomplete(
    only: tuple[str, ...], skip: tuple[str, ...], ran: set[str]
) -> None:
    found = report(selection=selection(only, skip, _IDS), exemptions=[] if skip or only else [RESTORED])
    assert [finding.check for finding in found.findings] == _IDS
    assert {finding.check for finding in found.findings if finding.executed} == ran
    assert {finding.outcome for finding in found.findings if not finding.executed} <= {Outcome.UNKNOWN}
    assert found.overall is (Overall.PASSED if len(ran) == len(_IDS) else Overall.INCOMPLETE)
    assert (found.expected, found.executed) == (len(_IDS), len(ran))


@pytest.mark.parametrize(
    ("only", "skip", "says"), [(("ZON-9",), ("X",), "no check X, ZON-9"), (("ZON-1",), ("ZON-1",), "leave no check")]
)
def test_a_selection_of_nothing_or_of_what_does_not_exist_is_refused(
    only: tuple[str, ...], skip: tuple[str, ...], says: str
) -> None:
    with pytest.raises(InvalidInputError, match=says):
        selection(only, skip, _IDS)


def test_judging_later_says_the_same_apart_from_the_time() -> None:
    now: Any = report(bad())
    later = report(bad(), judged=now.judged.replace(year=2031))
    assert replace(later, judged=now.judged) == now
