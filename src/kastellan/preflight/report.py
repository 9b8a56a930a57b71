"""The result of one preflight: every check that was expected, in order, and what it comes to as a whole."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kastellan.preflight.check import Check
from kastellan.preflight.checks.admission import ADM_1, POD_1, QUO_1, RBAC_1
from kastellan.preflight.checks.database import PG_1, PG_2, PG_3
from kastellan.preflight.checks.placement import CAP_1, ZON_1
from kastellan.preflight.checks.versions import VER_1, VER_2, VER_3
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import Finding, Outcome
from kastellan.preflight.requirement import Requirement

CHECKS: tuple[Check, ...] = (ZON_1, CAP_1, VER_1, VER_2, VER_3, RBAC_1, POD_1, QUO_1, ADM_1, PG_1, PG_2, PG_3)
"""Every check, in the order of the report; all of them are gates."""


class Overall(StrEnum):
    """The whole; the order of precedence is that of preflight.md, section 3."""

    PASSED = "passed"
    WARNINGS = "warnings"
    FAILED = "failed"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One run.

    Attributes:
        target: what was validated, for people: stack or kubeconfig, cluster and database.
        started: when facts began to be collected, in UTC.
        finished: when the last check was judged, in UTC.
        tool: version of kastellan.
        expected: how many checks there had to be.
        findings: one each.
    """

    target: str
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
    def overall(self) -> Overall:
        """FAIL before incomplete before warnings; a missing finding is incomplete."""
        counts = self.counts
        if counts[Outcome.FAIL]:
            return Overall.FAILED
        if counts[Outcome.UNKNOWN] or counts[Outcome.ERROR] or len(self.findings) < self.expected:
            return Overall.INCOMPLETE
        return Overall.WARNINGS if counts[Outcome.WARN] else Overall.PASSED


def judge(
    facts: Facts,
    requirement: Requirement,
    *,
    target: str,
    started: datetime,
    finished: datetime,
    tool: str,
    checks: Iterable[Check] = CHECKS,
) -> Report:
    """Judge facts against a requirement; pure."""
    findings = tuple(check.run(facts, requirement, finished.date()) for check in checks)
    return Report(target=target, started=started, finished=finished, tool=tool, expected=len(CHECKS), findings=findings)
