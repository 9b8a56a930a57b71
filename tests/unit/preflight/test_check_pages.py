"""Every check is explained, and every explanation has its check."""

from pathlib import Path

import pytest

from kastellan.preflight.catalogue import CHECKS
from kastellan.preflight.check import Check

_PAGES = Path(__file__).parents[3] / "docs" / "checks"
_PARTS = ("**What is read.**", "| outcome | when |", "| pass |", "**How to fix it.**", "**Whose turn.**")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_every_check_has_a_page_with_its_title_and_all_parts(check: Check) -> None:
    page = (_PAGES / f"{check.id}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {check.id}: {check.title}\n")
    assert [part for part in _PARTS if part not in page] == []


def test_no_page_explains_a_check_that_does_not_exist() -> None:
    assert {page.stem for page in _PAGES.glob("*.md")} == {check.id for check in CHECKS}
