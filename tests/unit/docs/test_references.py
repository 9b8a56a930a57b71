"""What the documents name is there: links, headings, packages, files, tests."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "src" / "kastellan"
PAGES = sorted(
    path
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "lab").rglob("*.md"))
    if ".venv" not in path.parts
)
_PROGRAMS = sorted((ROOT / "tests").rglob("*.py"))
_FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")
_TEST = re.compile(r"^(?P<path>[\w/]*test_\w+\.py|tests/[\w/]+\.py)?(?P<names>(::\w+)*)$")
_FILE = re.compile(r"^[\w.-]+(/[\w.-]+)*/[\w-]+\.(py|md|yaml|json|toml|yml)$")
_PLACE_OF_A_NAME = re.compile(r"\b(ID|INSTALLATION|KEY|NAME)\b")
named = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def prose(page: Path) -> str:
    """Without what stands in blocks of code."""
    return _FENCED.sub("", page.read_text())


def anchors(page: Path) -> set[str]:
    """Of its headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@named
def test_every_link_of_ours_leads_somewhere(page: Path) -> None:
    for target in _LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        there = (page.parent / file) if file else page
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target


def naming(page: Path) -> Iterator[tuple[Path, list[str]]]:
    """Files of tests that a page names, each with the class and the function in it; `::name` is of the file before."""
    before: Path | None = None
    for code in _CODE.findall(prose(page)):
        match = _TEST.match(code)
        if match is None or not code:
            continue
        if match["path"]:
            before = only(match["path"])
        assert before is not None, code
        yield before, [name for name in match["names"].split("::") if name]


def only(path: str) -> Path:
    """A file of the tests by its path, or by its name alone where that is the only one."""
    found = [one for one in _PROGRAMS if str(one).endswith(f"/{path}")]
    assert len(found) == 1, f"{path}: {found}"
    return found[0]


@named
def test_every_test_that_is_named_is_there(page: Path) -> None:
    for file, names in naming(page):
        text = file.read_text()
        for name in names:
            assert re.search(rf"^ *(def|class) {name}\b|^{name}\b.*=", text, re.MULTILINE), f"{file.name}::{name}"


@named
def test_every_file_that_is_named_is_there(page: Path) -> None:
    for code in _CODE.findall(prose(page)):
        if _FILE.match(code) and not _PLACE_OF_A_NAME.search(code):
            assert any((root / code).exists() for root in (ROOT, PACKAGE, page.parent)), code


def test_the_packages_of_the_architecture_are_those_of_the_tree() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    table = text.partition("\n## Packages\n")[2].partition("\n## ")[0]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    told = [name for row in rows for name in _CODE.findall(row)]
    assert sorted(told) == sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))
