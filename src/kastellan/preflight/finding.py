"""The result of one check: what was expected, what was found, whose turn it is and what to do."""

from dataclasses import dataclass
from enum import StrEnum

from kastellan.domain.party import Party


class Outcome(StrEnum):
    """How a check ended; "could not tell" is never a pass."""

    PASS = "pass"  # noqa: S105 - an outcome, no password
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
class Verdict:
    """What a check's judgement came to; the check adds the rest of the finding.

    Attributes:
        outcome: how it ended.
        observed: what is.
        remediation: what to do; empty where nothing is to be done.
        owner: who has to act where it is not the check's usual owner.
    """

    outcome: Outcome
    observed: str
    remediation: str = ""
    owner: Party | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One row of the report.

    Attributes:
        check: stable id, such as `ZON-1`; never reused.
        title: what is required, in a few words.
        outcome: how it ended.
        expected: the requirement with its numbers.
        observed: what is.
        owner: who has to act; of a pass, who keeps it so.
        remediation: what that party does.
        clause: in the terms.
        vantage: from where the facts were seen.
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
        """The page that explains the check."""
        return f"docs/checks/{self.check}.md"
