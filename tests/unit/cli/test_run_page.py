"""The page of a run: golden, without scripts, and with every text escaped."""

from html.parser import HTMLParser
from pathlib import Path

import pytest

from kastellan.cli.run_page import run_page
from kastellan.domain.run import RunRecord, fold
from tests.finished_runs import blocked_run, ledger, passed_run
from tests.golden import assert_golden
from tests.runs import run_plan

HOSTILE = "<script>alert(1)</script>\"'&"
GOLDEN = Path(__file__).parent / "golden"


class Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize(
    ("name", "run"), [("passed", passed_run()), ("blocked", blocked_run()), ("begun", fold(run_plan(), []))]
)
def test_the_page_is_as_it_was_last_looked_at(name: str, run: RunRecord) -> None:
    assert_golden(GOLDEN / f"run-{name}.html", run_page(run, ledger(), "Europe/Zurich", digest="e" * 64))


def test_no_text_of_others_becomes_markup() -> None:
    page = run_page(passed_run(HOSTILE), ledger(HOSTILE), "Europe/Zurich", digest=HOSTILE)
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page
    assert {tag for tag, _ in Reader(page).tags}.isdisjoint({"script", "img", "link", "iframe", "a"})


def test_the_page_needs_nothing_from_elsewhere_and_is_well_formed() -> None:
    page = run_page(passed_run(), ledger(), "Europe/Zurich", digest="")
    reader = Reader(page)
    assert reader.open == []
    assert not any("src" in attributes or "href" in attributes for _, attributes in reader.tags)
    assert "http" not in page
    assert "@import" not in page


def test_a_reader_that_cannot_see_finds_language_headings_and_the_heads_of_rows() -> None:
    tags = Reader(run_page(blocked_run(), ledger(), "Europe/Zurich", digest="")).tags
    assert ("html", {"lang": "en"}) in tags
    assert [tag for tag, _ in tags if tag in ("h1", "h2")] == ["h1", "h2", "h2"]
    assert {attributes.get("scope") for tag, attributes in tags if tag == "th"} == {"col", "row"}
