"""Collecting and judging at two places: the same report, byte for byte apart from the time, and no secret."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kastellan.adapters.evidence.bundle import read_bundle, write_bundle
from kastellan.adapters.evidence.collection import evidence_of
from kastellan.adapters.evidence.preflight_run import judged
from kastellan.adapters.evidence.survey import Survey
from kastellan.domain.errors import InvalidInputError
from kastellan.preflight.facts import Facts
from kastellan.preflight.report_document import report_document
from tests.fakes.clock import FakeClock
from tests.unit.preflight.platforms import NOW, bad, circumstances, facts, requirement


def _survey(found: Facts) -> Survey:
    return Survey(
        facts=found,
        evidence={
            name: evidence_of(name, getattr(found, name), NOW - timedelta(seconds=4), 1200)
            for name in Facts.__dataclass_fields__
        },
        requirement=requirement(),
        circumstances=circumstances(started=NOW - timedelta(seconds=4, microseconds=250_000)),
    )


@pytest.mark.parametrize("found", [facts(), bad()], ids=["good", "bad"])
def test_a_bundle_judged_elsewhere_and_years_later_gives_the_same_report_apart_from_the_time(found: Facts) -> None:
    seen = _survey(found)
    here = report_document(judged(seen, FakeClock()))
    later = FakeClock()
    later.sleep(5 * 365 * 86_400)
    there = report_document(judged(read_bundle(write_bundle(seen)), later))
    assert there["judgedAt"] != here["judgedAt"]
    assert {**there, "judgedAt": here["judgedAt"]} == here


def test_writing_what_was_read_gives_the_same_bytes() -> None:
    content = write_bundle(_survey(bad()))
    assert write_bundle(read_bundle(content)) == content


def _changed(change: Any) -> bytes:
    document = json.loads(write_bundle(_survey(facts())))
    change(document)
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "no JSON"),
        (b"[]", "no PreflightBundle"),
        (b'{"kind": "PreflightReport"}', "no PreflightBundle"),
        (_changed(lambda d: d.update(schemaVersion=99)), "another version"),
        (_changed(lambda d: d.update(more=1)), "another version"),
        (_changed(lambda d: d["facts"].pop("nodes")), "nodes is missing"),
        (_changed(lambda d: d["facts"].update(server_version="v1.37.0")), "server_version are not those"),
        (_changed(lambda d: d["requirement"].update(zones="many")), "requirement.zones"),
    ],
)
def test_what_is_no_bundle_or_was_changed_by_mistake_is_refused_with_the_reason(content: bytes, says: str) -> None:
    with pytest.raises(InvalidInputError, match=says):
        read_bundle(content)


def test_evidence_of_facts_that_are_not_there_is_refused() -> None:
    def change(document: Any) -> None:
        document["evidence"][0]["facts"] = "weather"

    with pytest.raises(InvalidInputError, match="evidence of weather"):
        read_bundle(_changed(change))


def test_a_survey_says_when_each_group_was_collected() -> None:
    seen = _survey(facts())
    shorter = replace(seen, evidence={"nodes": seen.evidence["nodes"]})
    rows = {row["id"]: row for row in report_document(judged(shorter, FakeClock()))["findings"]}
    assert rows["ZON-1"]["startedAt"] == "2026-11-23T11:59:56Z"
    assert rows["PG-1"]["startedAt"] is None
