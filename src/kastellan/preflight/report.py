"""The result of one preflight: every check that was expected, in order, and what it comes to as a whole."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kastellan.preflight.catalogue import CHECKS
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import Evidence, Finding
from kastellan.preflight.gate import Gate
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.requirement import Requirement


class Overall(StrEnum):
    """The whole; the order of precedence is that of `Report.overall`."""

    PASSED = "passed"
    WARNINGS = "warnings"
    FAILED = "failed"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One run.

    Attributes:
        target: what was validated, for people: stack or kubeconfig, cluster and database.
        gate: for which it was validated; checks that are no gate there only warn.
        started: when facts began to be collected, in UTC.
        finished: when the last check was judged, in UTC.
        tool: version of kastellan.
        expected: how many checks there had to be.
        findings: one each.
    """

    target: str
    gate: Gate
    started: datetime
    finished: datetime
    tool: str
    expected: int
    findings: tuple[Finding, ...]

    @property
    def counts(self) -> Counter[Outcome]:
        """How many findings of each outcome."""
        return Counter(finding.outcome for finding in self.findings)

    @property
    def executed(self) -> int:
        """How many checks really ran."""
        return sum(finding.executed for finding in self.findings)

    @property
    def stopping(self) -> tuple[Finding, ...]:
        """The findings that stop what the gate is for: failed or undetermined, and a gate there."""
        return tuple(one for one in self.findings if self.gate in one.gates and not one.outcome.met)

    @property
    def overall(self) -> Overall:
        """FAIL before incomplete before warnings.

        A check that is missing or was left out is incomplete; whatever is wrong with one that is no gate is a warning.
        """
        stopping = {finding.outcome for finding in self.stopping}
        if Outcome.FAIL in stopping:
            return Overall.FAILED
        if stopping or self.executed < self.expected:
            return Overall.INCOMPLETE
        troubled = any(one.outcome is Outcome.WARN or not one.outcome.met for one in self.findings)
        return Overall.WARNINGS if troubled else Overall.PASSED


def judge(
    facts: Facts,
    requirement: Requirement,
    *,
    target: str,
    started: datetime,
    finished: datetime,
    tool: str,
    gate: Gate = Gate.INSTALL,
    evidence: Mapping[str, Evidence] | None = None,
) -> Report:
    """Judge facts against a requirement; pure."""
    findings = tuple(check.run(facts, requirement, finished.date(), evidence) for check in CHECKS)
    return Report(
        target=target,
        gate=gate,
        started=started,
        finished=finished,
        tool=tool,
        expected=len(CHECKS),
        findings=findings,
    )
