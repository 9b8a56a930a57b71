"""A report to be mailed, printed and kept: one HTML page without scripts, links or anything else to load."""

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from kastellan.preflight.rendering.story import (
    Document,
    change,
    changes,
    fine,
    headline,
    is_gate,
    measured,
    ran,
    troubled,
    turn,
)

if TYPE_CHECKING:
    from jinja2 import Template

_TONE = {
    "passed": "good",
    "warnings": "warn",
    "failed": "bad",
    "incomplete": "unclear",
    "exemption expired": "bad",
    "pass": "good",
    "warn": "warn",
    "fail": "bad",
    "unknown": "unclear",
    "error": "unclear",
    "not applicable": "quiet",
    "waived": "noted",
    "attested": "noted",
    "backed": "good",
    "void": "bad",
    "not given": "quiet",
}
"""The colour of a word; the word itself is always there too."""


def html(document: Document) -> str:
    """The report as one page; everything from the cluster is escaped."""
    rows = troubled(document)
    open_rows = [row for row in rows if row["remediation"] and not row["exemption"]]
    actions: dict[str, dict[str, list[str]]] = {}
    for row in open_rows:  # what is to be done is told once, with all the checks that it is for
        actions.setdefault(turn(row), {}).setdefault(row["remediation"], []).append(row["id"])
    return _template().render(
        report=document,
        headline=headline(document),
        ran=ran(document),
        tone=_TONE,
        troubled=rows,
        fine=fine(document),
        actions=actions,
        changes=changes(document),
        change=change,
        measured=measured,
        turn=turn,
        is_gate=lambda row: is_gate(document, row),
    )


@cache
def _template() -> "Template":
    from jinja2 import Environment, StrictUndefined

    source = resources.files(__package__).joinpath("report.html.j2").read_text(encoding="utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    return environment.from_string(source)
