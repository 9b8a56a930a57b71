"""What people and machines read: one document, rendered in five formats, in which nothing of a cluster is markup."""

import json
import re
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from kastellan.adapters.evidence.report_file import earlier_of
from kastellan.adapters.evidence.report_model import report_schema
from kastellan.domain.canonical import canonical
from kastellan.preflight.exemption import Attestation, Waiver
from kastellan.preflight.finding import Part
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.rendering.formats import FORMATS
from kastellan.preflight.rendering.html import html
from kastellan.preflight.rendering.junit import junit
from kastellan.preflight.rendering.markdown import markdown
from kastellan.preflight.report import Report
from kastellan.preflight.report_document import report_document
from kastellan.preflight.selection import Selection
from tests.golden import assert_golden
from tests.unit.preflight.platforms import NOW, RESTORED, bad, circumstances, facts, node, report

_GOLDEN = Path(__file__).parent / "golden"
_SCHEMA = Path(__file__).parents[3] / "docs" / "preflight.schema.json"
_HOSTILE = "</td><script>alert(1)</script> | **bold** [link](http://x) `code` <img src=x> &amp; \x1b[31m ]]>"


def full() -> Report:
    """Everything that a report can hold: exemptions, a comparison, a platform of the vendor's."""
    then = NOW - timedelta(days=30)
    earlier = report(facts(), circumstances=circumstances(started=then - timedelta(seconds=3), collected=then))
    return report(
        bad(),
        exemptions=(
            Waiver(check="QUO-1", reason="raised on Monday", approver="head of SRE", expires=date(2026, 12, 1)),
            Waiver(check="VER-1", reason="was old", approver="head of SRE", expires=date(2026, 11, 1)),
            Attestation(
                check="CAP-1", statement="a pool of four nodes a zone is reserved", by="platform team, Customer AG",
                stated=date(2026, 11, 20), document="d" * 64, expires=date(2027, 2, 20),
            ),
        ),
        earlier=earlier_of(report_document(earlier)),
    )  # fmt: skip


_REPORTS = {"good": lambda: report(exemptions=[RESTORED]), "bad": lambda: report(bad()), "full": full}


@pytest.mark.parametrize("name", _REPORTS)
@pytest.mark.parametrize("form", [form for form in FORMATS if form != "json"])
def test_people_read_the_same_report_in_every_format(name: str, form: str) -> None:
    file, render = FORMATS[form]
    assert_golden(_GOLDEN / f"{name}.{file.partition('.')[2]}", render(report_document(_REPORTS[name]())))


@pytest.mark.parametrize("name", _REPORTS)
def test_machines_read_canonical_json_of_the_published_schema(name: str) -> None:
    document = report_document(_REPORTS[name]())
    written = FORMATS["json"][1](document)
    assert written.encode() == canonical(document)
    jsonschema.Draft202012Validator(json.loads(_SCHEMA.read_text(encoding="utf-8"))).validate(json.loads(written))
    assert_golden(_GOLDEN / f"{name}.json", json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def test_the_published_schema_is_the_one_that_is_made() -> None:
    assert_golden(_SCHEMA, json.dumps(report_schema(), indent=2, ensure_ascii=False) + "\n")


@pytest.mark.parametrize(
    "change",
    [{"overall": "fine"}, {"schemaVersion": 1}, {"more": 1}, {"findings": [{}]}, {"startedAt": "yesterday"}],
)
def test_the_schema_refuses_what_is_no_report(change: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(report_schema()).validate(report_document(report()) | change)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def _hostile() -> dict[str, Any]:
    names = tuple(node(_HOSTILE, "a", ready=False) for _ in range(2))
    return report_document(report(facts(nodes=names), circumstances=circumstances(target=_HOSTILE)))


def test_an_html_page_loads_nothing_runs_nothing_and_shows_foreign_text_as_text() -> None:
    page = _Page()
    text = html(_hostile())
    page.feed(text)
    assert not page.tags & {"script", "img", "link", "iframe", "object", "a", "form", "base"}
    assert not {name for name in page.attributes if name.startswith("on") or name in ("src", "href", "style")}
    assert "&lt;script&gt;" in text
    assert "url(" not in text
    assert "@import" not in text


def test_markdown_shows_foreign_text_as_text() -> None:
    text = markdown(_hostile())
    assert not re.search(r"(?<!\\)<", text)
    assert not re.search(r"(?<!\\)\[link", text)
    rows = [line for line in text.splitlines() if line.startswith("| ZON")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} <= {5, 7}


def test_junit_counts_failures_errors_and_skips_and_survives_any_character() -> None:
    suite = ElementTree.fromstring(junit(_hostile()))[0]
    assert suite.get("tests") == str(len(suite.findall("testcase")))
    for kind, total in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        assert suite.get(total) == str(len(suite.findall(f"testcase/{kind}")))
    assert int(suite.get("failures", "0")) > 0


def test_each_place_is_told_where_a_check_looked_from_several() -> None:
    parts = (
        Part(vantage="pod@a", outcome=Outcome.PASS, observed="reached in 3 ms"),
        Part(vantage="pod@b", outcome=Outcome.FAIL, observed="connection refused"),
    )

    document = report_document(report())
    row = next(row for row in document["findings"] if row["id"] == "ZON-1")
    row |= {"outcome": "fail", "remediation": "open the way"}
    row["parts"] = [
        {"vantage": part.vantage, "outcome": part.outcome.value, "observed": part.observed, "measure": None}
        for part in parts
    ]
    for form in ("text", "html"):
        assert "connection refused" in FORMATS[form][1](document)
        assert "pod@a" in FORMATS[form][1](document)


def test_what_was_left_out_is_told_together_and_every_id_is_named() -> None:
    alone = Selection(only=frozenset({"ZON-1", "PG-1"}))
    shown = FORMATS["text"][1](report_document(report(selection=alone)))
    others = {row.check for row in report().findings} - alone.only
    assert shown.count("not run: left out by --only") == 1
    assert all(check in shown for check in others)
    assert len(shown.splitlines()) < 40
