"""The report as a whole: which outcome wins, and what people and machines read."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from kastellan.domain.party import Party
from kastellan.preflight import rendering
from kastellan.preflight.catalogue import CHECKS
from kastellan.preflight.facts import AccessAnswer, Facts
from kastellan.preflight.finding import Finding
from kastellan.preflight.gate import BOTH, WARN_ONLY, Gate
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.report import Overall, Report, judge
from tests.golden import assert_golden
from tests.unit.preflight.platforms import NOW, UNKNOWN, database, facts, nodes, requirement, rules, webhook

_GOLDEN = Path(__file__).parent / "golden"


def _report(found: Facts) -> Report:
    return judge(
        found,
        requirement(),
        target="stack acme, cluster https://cluster.example, database db.example",
        started=NOW - timedelta(seconds=4),
        finished=NOW,
        tool="0.1.0",
    )


def _bad() -> Facts:
    return facts(
        nodes=nodes()[:2],
        pods=UNKNOWN,
        access=(AccessAnswer(right="create jobs.batch in zitadel", allowed=False),),
        webhooks=(webhook(zones=("a",)),),
        namespace=rules(quota={"pods": "3"}),
        database=database(version=140020, role_may_create=False),
    )


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
    return replace(_report(facts()), findings=findings, expected=len(outcomes) if expected is None else expected)


@pytest.mark.parametrize(
    ("outcomes", "overall"),
    [
        ((Outcome.PASS, Outcome.NOT_APPLICABLE), Overall.PASSED),
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
    report = _report(facts())
    assert [finding.outcome for finding in report.findings] == [Outcome.PASS] * len(CHECKS)
    assert report.overall is Overall.PASSED


def test_every_check_is_unknown_where_nothing_could_be_read() -> None:
    nothing = facts(**{group: UNKNOWN for group in Facts.__dataclass_fields__})
    report = _report(nothing)
    assert {finding.outcome for finding in report.findings} == {Outcome.UNKNOWN}
    assert report.overall is Overall.INCOMPLETE


@pytest.mark.parametrize("group", sorted(Facts.__dataclass_fields__))
def test_one_unread_group_changes_outcomes_only_to_unknown_and_never_to_a_pass(group: str) -> None:
    report = _report(replace(_bad(), **{group: UNKNOWN}))
    before = {finding.check: finding.outcome for finding in _report(_bad()).findings}
    changed = {finding.outcome for finding in report.findings if finding.outcome is not before[finding.check]}
    assert changed <= {Outcome.UNKNOWN}


def test_ids_are_unique_and_every_row_says_whose_turn_it_is_and_what_to_do() -> None:
    assert len({check.id for check in CHECKS}) == len(CHECKS)
    for finding in _report(_bad()).findings:
        assert finding.expected
        assert finding.observed
        assert finding.outcome in (Outcome.PASS, Outcome.NOT_APPLICABLE) or finding.remediation, finding.check


def test_a_check_that_breaks_is_an_error_of_the_vendor_and_the_others_go_on() -> None:
    report = _report(facts(server_version="unreadable"))
    broken = {finding.check for finding in report.findings if finding.outcome is Outcome.ERROR}
    assert broken == {"VER-1", "VER-2"}
    assert all(finding.owner is Party.VENDOR for finding in report.findings if finding.check in broken)
    assert len(report.findings) == len(CHECKS)
    assert report.overall is Overall.INCOMPLETE


@pytest.mark.parametrize(("name", "good"), [("good", True), ("bad", False)])
def test_people_and_machines_read_the_same_report(name: str, good: bool) -> None:
    report = _report(facts() if good else _bad())
    assert_golden(_GOLDEN / f"{name}.txt", rendering.text(report))
    assert_golden(_GOLDEN / f"{name}.json", rendering.json_text(report))


def test_the_json_report_is_bound_to_its_schema_version() -> None:
    document = json.loads(rendering.json_text(_report(_bad())))
    assert document["schemaVersion"] == 2
    assert document["checksExpected"] == document["checksExecuted"] == len(CHECKS)
    assert sum(document["counts"].values()) == len(CHECKS)
