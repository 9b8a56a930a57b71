"""One row of a preflight report."""

from dataclasses import dataclass
from enum import StrEnum

from kastellan.domain.party import Party


class Outcome(StrEnum):
    """What a check came to. Only PASS says that a requirement is met; nothing else ever counts as it."""

    PASS = "pass"  # noqa: S105 - an outcome
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"
    """Could not be determined: a right is missing, or no answer came."""
    NOT_APPLICABLE = "not applicable"
    ERROR = "error"
    """A defect of kastellan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a check says, before it is put into its row.

    Attributes:
        outcome: see there.
        observed: what was seen, in one sentence without a full stop.
        remediation: what to do; empty for a pass.
        owner: who does it, where that differs from the check's usual owner.
    """

    outcome: Outcome
    observed: str
    remediation: str = ""
    owner: Party | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check's result.

    Attributes:
        check: stable id, such as `ZON-1`; never reused.
        title: what is required, in a few words.
        outcome: see there.
        expected: the requirement with its numbers.
        observed: what was seen.
        owner: whose turn it is, where it is anybody's.
        remediation: what that party does; empty for a pass.
        clause: in the terms.
        vantage: from where it was seen: `api` or `sql from here`.
    """

    check: str
    title: str
    outcome: Outcome
    expected: str
    observed: str
    owner: Party
    remediation: str
    clause: str
    vantage: str

    @property
    def document(self) -> str:
        """Path of the page that explains the check, in this repository."""
        return f"docs/checks/{self.check}.md"
