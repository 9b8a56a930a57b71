"""The result of one check: what was expected, what was found, whose turn it is and what to do."""

from dataclasses import dataclass
from enum import StrEnum

from kastellan.domain.party import Party


class Outcome(StrEnum):
    """How a check ended; "could not tell" is never a pass."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"
    """A fact is missing: rights, timeout, no probe."""
    NOT_APPLICABLE = "not applicable"
    WAIVED = "waived"
    """Failed, and accepted in writing with an approver and an expiry."""
    ATTESTED = "attested"
    """Stated by the customer or a provider, dated, with a document."""
    ERROR = "error"
    """The check itself broke: ours to repair."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One row of the report.

    Attributes:
        check: stable id, such as `ZON-1`; never reused.
        check_version: rises when the logic of the check changes.
        title: what is checked, in a few words.
        outcome: how it ended.
        gating: whether this check decides on the occasion of this run.
        expected: what has to be.
        observed: what is.
        details: single things behind `observed`, one a line.
        owner: who has to act; of a pass, who keeps it so.
        remediation: what that party does; empty where nothing is to be done.
        clause: clause of the terms that it serves.
        page: path of the check's page in the repository.
    """

    check: str
    title: str
    outcome: Outcome
    expected: str
    observed: str
    owner: Party
    remediation: str = ""
    clause: str = ""
    details: tuple[str, ...] = ()
    gating: bool = True
    check_version: int = 1

    @property
    def page(self) -> str:
        """Where the check is explained."""
        return f"docs/checks/{self.check}.md"
