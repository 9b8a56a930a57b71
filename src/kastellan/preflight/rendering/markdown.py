"""A report for a ticket or a pull request: GitHub-flavoured Markdown in which no content of a cluster is markup."""

import re

from kastellan.preflight.rendering.story import (
    Document,
    change,
    changes,
    headline,
    is_gate,
    measured,
    ran,
    troubled,
    turn,
)

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~!&])")


def markdown(document: Document) -> str:
    """The report as Markdown."""
    lines = [
        f"# Preflight of {_plain(document['target'])}",
        "",
        f"**{_plain(headline(document))}**",
        "",
        _plain(ran(document)),
    ]
    rows = [row for row in troubled(document) if not row["exemption"]]
    if rows:
        lines += ["", "## What to do", "", "| outcome | check | whose turn | what to do |", "|---|---|---|---|"]
        lines += [
            _line(row["outcome"], f"{row['id']} {row['title']}", turn(row), row["remediation"] or "nothing")
            for row in rows
        ]
    lines += [
        "",
        "## Every check",
        "",
        "| check | outcome | gate | observed | measured | seen from |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        _line(
            f"{row['id']} {row['title']}", row["outcome"], "yes" if is_gate(document, row) else "warns only",
            row["observed"], measured(row["measure"]), row["vantage"],
        )
        for row in document["findings"]
    ]  # fmt: skip
    lines += ["", "## Guarantees", "", "| guarantee | clause | stands | because |", "|---|---|---|---|"]
    lines += [
        _line(state["what"], state["clause"], state["standing"], state["because"]) for state in document["guarantees"]
    ]
    if document["exemptions"]:
        lines += [
            "",
            "## Waivers and attestations",
            "",
            "| check | kind | by | until | used |",
            "|---|---|---|---|---|",
        ]
        lines += [
            _line(one["id"], one["kind"], one.get("approver") or one.get("by", ""), one["expires"], one["use"])
            for one in document["exemptions"]
        ]
    if document["delta"] is not None:
        lines += ["", f"## Since the report of {document['delta']['earlier']['collectedAt']}", ""]
        told = [_line(row["id"], row["change"], change(row)) for row in changes(document)]
        lines += ["| check | change | what |", "|---|---|---|", *told] if told else ["Nothing changed."]
    return "\n".join(lines) + "\n"


def _line(*cells: str) -> str:
    return "| " + " | ".join(map(_plain, cells)) + " |"


def _plain(content: str) -> str:
    """One line of text that no Markdown reader takes for markup."""
    return _MARKUP.sub(r"\\\1", " ".join(content.split()))
