"""Code, pages, index and rights name the same checks."""

import re
from pathlib import Path

import pytest

from kastellan.manifests.release import render
from kastellan.planning.facts_rights import facts_rights
from kastellan.preflight import checks
from kastellan.preflight.catalogue import CHECKS
from kastellan.preflight.check import Check
from kastellan.preflight.facts import Facts
from tests.builders import installation, secrets
from tests.golden import assert_golden

_PAGES = Path(__file__).parents[3] / "docs" / "checks"
_HEAD = """# The checks of the preflight

What is checked before an installation and before every maintenance (DI-4), in the order of a report. A check stops only
what it is a gate for; elsewhere it warns. Whoever is named acts as a rule; a report says it for each finding. What pods
see needs `--probes`; `kastellan preflight rbac` prints the rights of the others, with `--probes` of these too.

A check in two halves, one that the API server tells and one that a probe sees, passes where both do, and fails where
either does. A read-only run ends after 60 s, one with probes after 10 minutes; what has no answer by then is unknown.

| check | what is required | gate | acts | clause | seen from |
|---|---|---|---|---|---|"""
_PARTS = (
    "**What is read.**",
    "| outcome | when |",
    "| pass |",
    "**How to fix it.**",
    "**By hand.**",
    "**Whose turn.**",
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_every_check_has_a_page_with_its_title_and_all_parts(check: Check) -> None:
    page = (_PAGES / f"{check.id}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {check.id}: {check.title}\n")
    assert [part for part in _PARTS if part not in page] == []


def test_no_page_explains_a_check_that_does_not_exist() -> None:
    assert {page.stem for page in _PAGES.glob("*.md")} - {"README"} == {check.id for check in CHECKS}


def test_every_check_has_a_module_of_its_name() -> None:
    modules = {path.stem for path in Path(checks.__path__[0]).glob("*.py")} - {"__init__"}
    assert modules == {check.id.lower().replace("-", "_") for check in CHECKS}


def test_ids_are_stable_words_with_a_number_and_never_twice_there() -> None:
    ids = [check.id for check in CHECKS]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]*-[1-9]\d*", one) for one in ids)


def test_the_index_lists_every_check_as_it_is() -> None:
    rows = [
        f"| [{check.id}]({check.id}.md) | {check.title} | {', '.join(sorted(check.gates)) or 'warns only'} "
        f"| {check.owner.value} | {check.clause} | {check.vantage} |"
        for check in CHECKS
    ]
    assert_golden(_PAGES / "README.md", "\n".join([_HEAD, *rows, ""]))


def test_every_group_of_facts_is_read_by_a_check_and_has_its_rights() -> None:
    described = installation()
    by_group = facts_rights(described, render(described, secrets()))
    assert {name for check in CHECKS for name in check.reads} == by_group.keys() == Facts.__dataclass_fields__.keys()
