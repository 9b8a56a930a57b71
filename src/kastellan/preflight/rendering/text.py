"""A report for a terminal: what is wrong, whose turn it is and how to fix it; then everything else in a line each."""

import textwrap

from kastellan.preflight.outcome import Outcome
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

_WIDTH = 100
_NO_ACTION = (Outcome.WAIVED.value, Outcome.ATTESTED.value)


def text(document: Document) -> str:
    """The report as plain text of at most 100 columns."""
    lines = [f"Preflight of {document['target']}", headline(document), ran(document)]
    rows = troubled(document)
    for row in rows:
        if not _skipped(row):
            lines += ["", *_told(document, row)]
    lines += _left_out([row for row in rows if _skipped(row)])
    passed = fine(document)
    lines += [""] if passed else []
    lines += [
        f"PASS  {row['id']:<6} {row['observed']}"
        if row["outcome"] == Outcome.PASS
        else f"-     {row['id']:<6} {row['outcome']}: {row['observed']}"
        for row in passed
    ]
    lines += _guarantees(document)
    lines += _exemptions(document)
    lines += _changes(document)
    return "\n".join(lines) + "\n"


def _skipped(row: Document) -> bool:
    return not row["executed"] and row["outcome"] == Outcome.UNKNOWN


def _left_out(rows: list[Document]) -> list[str]:
    """What nobody looked at, together where it is for the same reason: there is nothing to tell of each."""
    checks: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        checks.setdefault((row["observed"], row["remediation"]), []).append(row["id"])
    lines = []
    for (observed, remediation), ids in checks.items():
        lines += ["", *_wrapped_to(f"UNKNOWN {', '.join(ids)}", indent="        ")]
        lines += [*_wrapped("observed", observed), *_wrapped("what to do", remediation)]
    return lines


def _told(document: Document, row: Document) -> list[str]:
    gate = "" if is_gate(document, row) else ", warns only"
    lines = [
        f"{row['outcome'].upper():<7} {row['id']} {row['title']} [{row['clause']}{gate}]",
        *_wrapped("expected", row["expected"]),
        *_wrapped("observed", row["observed"]),
    ]
    if row["measure"]:
        lines += _wrapped("measured", measured(row["measure"]))
    if len(row["parts"]) > 1:
        for part in row["parts"]:
            lines += _wrapped(f"  from {part['vantage']}", f"{part['outcome']}: {part['observed']}")
    if row["outcome"] not in _NO_ACTION:
        lines += _wrapped(turn(row), row["remediation"])
    return [*lines, *_wrapped("explained", row["docUrl"])]


def _guarantees(document: Document) -> list[str]:
    lines = ["", "Guarantees (DI-5)"]
    for state in document["guarantees"]:
        until = f", until {state['backedUntil'][:10]}" if state["backedUntil"] else ""
        lines.append(f"{state['standing'].upper():<9} {state['what']} [{state['clause']}]")
        lines += textwrap.wrap(
            state["because"] + until, width=_WIDTH, initial_indent=" " * 10, subsequent_indent=" " * 10
        )
    return lines


def _exemptions(document: Document) -> list[str]:
    if not document["exemptions"]:
        return []
    lines = ["", "Waivers and attestations"]
    for one in document["exemptions"]:
        who = one["approver"] if one["kind"] == "waiver" else one["by"]
        why = f" ({one['because']})" if one["because"] else ""
        lines.append(f"{one['use']:<11} {one['id']:<6} {one['kind']} by {who}, until {one['expires']}{why}")
    return lines


def _changes(document: Document) -> list[str]:
    if document["delta"] is None:
        return []
    lines = ["", f"Since the report of {document['delta']['earlier']['collectedAt']}"]
    told = [f"{row['change']:<14} {row['id']:<6} {change(row)}" for row in changes(document)]
    return [*lines, *(told or ["nothing changed"])]


def _wrapped_to(content: str, *, indent: str) -> list[str]:
    return textwrap.wrap(content, width=_WIDTH, subsequent_indent=indent, break_on_hyphens=False)


def _wrapped(label: str, content: str) -> list[str]:
    return textwrap.wrap(
        content,
        width=_WIDTH,
        initial_indent=f"        {label}: ",
        subsequent_indent="          ",
        break_long_words=False,
        break_on_hyphens=False,
    )
