"""What every rendering tells, in the same order and words."""

from collections.abc import Mapping
from typing import Any

from kastellan.preflight.outcome import Outcome
from kastellan.preflight.report import Overall

Document = Mapping[str, Any]
"""What `report_document` made, or what was read back from a file of it."""

_HEADLINE = {
    Overall.PASSED: "passed: this platform meets the prerequisites",
    Overall.WARNINGS: "passed with warnings: it meets the prerequisites, but not for long or not as it should",
    Overall.FAILED: "failed: this platform does not meet the prerequisites",
    Overall.INCOMPLETE: "incomplete: not everything could be determined, and what is unknown never counts as met",
    Overall.EXPIRED: "a waiver or an attestation has expired, and has to be renewed or taken out",
}
_TOLD = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN, Outcome.WARN, Outcome.WAIVED, Outcome.ATTESTED)
_QUIET_CHANGES = ("same", "value changed")


def headline(document: Document) -> str:
    """The verdict in one sentence without a full stop."""
    return _HEADLINE[Overall(document["overall"])]


def troubled(document: Document) -> list[Document]:
    """The rows that somebody has to read, the worst first."""
    order = [outcome.value for outcome in _TOLD]
    rows = [row for row in document["findings"] if row["outcome"] in order]
    return sorted(rows, key=lambda row: order.index(row["outcome"]))  # stable: in the order of the report


def fine(document: Document) -> list[Document]:
    """All other rows."""
    told = {outcome.value for outcome in _TOLD}
    return [row for row in document["findings"] if row["outcome"] not in told]


def turn(row: Document) -> str:
    """Whose turn it is."""
    return f"{row['owner']} acts"


def is_gate(document: Document, row: Document) -> bool:
    """Whether the row can stop what the report is for."""
    return document["gate"] in row["gates"]


def measured(measure: Document | None) -> str:
    """A measured value with its limit, such as `94 connections (at least 55)`; empty where nothing was measured."""
    if measure is None:
        return ""
    bound = "at least" if measure["moreIsBetter"] else "at most"
    limit = "" if measure["limit"] is None else f" ({bound} {measure['limit']})"
    return f"{measure['value']} {measure['unit']}{limit}"


def changes(document: Document) -> list[Document]:
    """The rows of the delta that somebody has to read; a value that only moved counts where it will reach its limit."""
    if document["delta"] is None:
        return []
    rows = document["delta"]["rows"]
    return [row for row in rows if row["change"] not in _QUIET_CHANGES or row["crossesLimitAt"]]


def change(row: Document) -> str:
    """What changed in a row of the delta."""
    before = row["before"]["outcome"] if row["before"] else "none"
    now = row["now"]["outcome"] if row["now"] else "none"
    was = measured(row["before"]["measure"]) if row["before"] else ""
    value = measured(row["now"]["measure"]) if row["now"] else ""
    said = f"{before} → {now}" if before != now else now
    if was != value and (was or value):
        said += f"; {was or 'nothing measured'} → {value or 'nothing measured'}"
    if row["crossesLimitAt"]:
        said += f"; at this rate it reaches its limit on {row['crossesLimitAt'][:10]}"
    return said


def ran(document: Document) -> str:
    """When, how much, how long, by what."""
    probes = ", read-only (no probe ran)" if document["readOnly"] else ""
    return (
        f"{document['collectedAt']}, {document['checksExecuted']} of {document['checksExpected']} checks "
        f"in {document['durationMs'] / 1000:.1f} s, for the gate {document['gate']}{probes}, "
        f"kastellan {document['tool']['version']}"
    )
