"""What changed since the last report: by check, outcome and value, and since when."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kastellan.adapters.evidence.report_file import earlier_of
from kastellan.preflight.delta import Change, Earlier, RowDelta
from kastellan.preflight.facts import Facts
from kastellan.preflight.report_document import report_document
from tests.unit.preflight.platforms import NOW, UNKNOWN, circumstances, database, facts, nodes, report

_THEN = NOW - timedelta(days=30)


def _earlier(found: Facts | None = None) -> Earlier:
    about = circumstances(started=_THEN - timedelta(seconds=3), collected=_THEN)
    return earlier_of(report_document(report(found, circumstances=about)))


def _row(check: str, earlier: Earlier, found: Facts | None = None) -> RowDelta:
    compared = report(found, earlier=earlier).delta
    assert compared is not None
    return next(row for row in compared.rows if row.check == check)


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        (facts(), facts(), Change.SAME),
        (facts(), facts(nodes=nodes()[:2]), Change.REGRESSED),
        (facts(nodes=nodes()[:2]), facts(), Change.IMPROVED),
        (facts(), facts(nodes=UNKNOWN), Change.REGRESSED),
        (facts(nodes=UNKNOWN), facts(nodes=nodes()[:2]), Change.REGRESSED),
    ],
)
def test_an_outcome_that_is_worse_regressed_and_one_that_is_better_improved(
    before: Facts, now: Facts, change: Change
) -> None:
    assert _row("ZON-1", _earlier(before), now).change is change


def test_a_check_that_is_new_gone_or_judged_by_another_version_is_told_as_that() -> None:
    earlier = _earlier()
    rows = dict(earlier.rows)
    one = rows.pop("ZON-1")
    rows["OLD-1"] = replace(one, check="OLD-1")
    rows["CAP-1"] = replace(rows["CAP-1"], version=99)
    changed = replace(earlier, rows=rows)
    assert _row("ZON-1", changed).change is Change.NEW
    assert _row("OLD-1", changed).change is Change.GONE
    assert _row("CAP-1", changed).change is Change.CHECK_CHANGED


def test_a_report_on_older_evidence_says_so() -> None:
    earlier = _earlier()
    late = replace(earlier.rows["ZON-1"], seen=NOW + timedelta(days=1))
    changed = replace(earlier, rows={**earlier.rows, "ZON-1": late})
    assert _row("ZON-1", changed).change is Change.EVIDENCE_OLDER


def test_a_value_that_shrinks_is_told_with_the_day_on_which_it_reaches_its_limit() -> None:
    row = _row(
        "PG-3", _earlier(facts(database=database(connections_left=94))), facts(database=database(connections_left=80))
    )
    assert row.change is Change.VALUE_CHANGED
    # 14 connections went in 30 days, and 25 are left above the limit of 55.
    assert row.crosses == NOW + timedelta(days=30) * (25 / 14)


def test_since_when_an_outcome_stands_goes_from_report_to_report() -> None:
    earlier = _earlier()
    document: Any = report_document(report(facts(nodes=nodes()[:2]), earlier=earlier))
    rows = {row["id"]: row for row in document["findings"]}
    assert rows["VER-3"]["lastTransition"] == rows["VER-3"]["firstSeen"] == "2026-10-24T12:00:00Z"
    assert rows["ZON-1"]["lastTransition"] == "2026-11-23T12:00:00Z"
    assert rows["ZON-1"]["firstSeen"] == "2026-10-24T12:00:00Z"
    again: Any = report_document(report(facts(nodes=nodes()[:2]), earlier=earlier_of(document)))
    assert {row["id"]: row["firstSeen"] for row in again["findings"]}["ZON-1"] == "2026-10-24T12:00:00Z"
