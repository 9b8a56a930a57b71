"""What the documents name is there: links, headings, packages, files, tests."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from kastellan.cli.main import cli

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


_COMMAND = re.compile(r"(?:^|[`$|] *|^ *|-- )kastellan ((?!-)[^`|#\n]*)", re.MULTILINE)
_WORD = re.compile(r"^[a-z][a-z-]*$")


def commands(page: Path) -> Iterator[list[str]]:
    """The words behind `kastellan` in code, in blocks and in lines."""
    text = page.read_text().replace("\\\n", " ")
    code = "\n".join([*_FENCED.findall(text), *(f"`{one}`" for one in _CODE.findall(_FENCED.sub("", text)))])
    for found in _COMMAND.findall(code):
        yield re.sub(r"\"[^\"]*\"|'[^']*'", "TEXT", found).split()


def options(command: click.Command) -> set[str]:
    """Of a command; of a group also those of `run`, which stands for it where the first word is no subcommand."""
    own = {option for one in command.params for option in (*one.opts, *one.secondary_opts)}
    first = command.get_command(click.Context(command), "run") if isinstance(command, click.Group) else None
    return own | (options(first) if first else {"--help"})


@named
def test_every_command_and_every_option_that_is_named_is_there(page: Path) -> None:
    for words in commands(page):
        command: click.Command = cli
        known = options(cli)
        for word in words:
            below = command.get_command(click.Context(command), word) if isinstance(command, click.Group) else None
            if below is not None:
                command, known = below, known | options(below)
            elif command is cli:
                assert not _WORD.match(word), f"kastellan {word}"
            if word.startswith("--") and word != "--":
                name = word.partition("=")[0].rstrip(",.;:)")
                assert name in known, f"{name} of kastellan {' '.join(words)}"
