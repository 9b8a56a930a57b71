"""The result of one preflight: every check that was expected, in order, and what it comes to as a whole."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kastellan.preflight.catalogue import CHECKS
from kastellan.preflight.circumstances import Circumstances, Tool
from kastellan.preflight.delta import Delta, Earlier, delta
from kastellan.preflight.exempting import Exempted, Use, exempted
from kastellan.preflight.exemption import Exemption
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import Evidence, Finding
from kastellan.preflight.guarantee_state import GuaranteeState, Row, guarantee_states
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.requirement import Requirement
from kastellan.preflight.selection import ALL, Selection


class Overall(StrEnum):
    """The whole; the order of precedence is that of `Report.overall`."""

    PASSED = "passed"
    WARNINGS = "warnings"
    FAILED = "failed"
    INCOMPLETE = "incomplete"
    EXPIRED = "exemption expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One run.

    Attributes:
        circumstances: of the collection.
        tool: what judged.
        judged: when (UTC).
        expected: how many checks there had to be.
        findings: one each.
        exempted: every waiver and attestation that was given, and what became of it.
        guarantees: how each stands.
        delta: what changed since an earlier report, where one was given.
    """

    circumstances: Circumstances
    tool: Tool
    judged: datetime
    expected: int
    findings: tuple[Finding, ...]
    exempted: tuple[Exempted, ...] = ()
    guarantees: tuple[GuaranteeState, ...] = ()
    delta: Delta | None = None

    @property
    def target(self) -> str:
        """What was validated, for people."""
        return self.circumstances.target

    @property
    def counts(self) -> Counter[Outcome]:
        """How many findings of each outcome."""
        return Counter(finding.outcome for finding in self.findings)

    @property
    def executed(self) -> int:
        """How many checks really ran."""
        return sum(finding.executed for finding in self.findings)

    @property
    def lacking(self) -> bool:
        """Whether a check has no row, or was left out and nothing stands for it."""
        left_out = any(not one.executed and not one.outcome.met for one in self.findings)
        return left_out or len(self.findings) < self.expected

    @property
    def stopping(self) -> tuple[Finding, ...]:
        """The findings that stop what the gate is for: failed or undetermined, and a gate there."""
        gate = self.circumstances.gate
        return tuple(one for one in self.findings if gate in one.gates and not one.outcome.met)

    @property
    def overall(self) -> Overall:
        """FAIL before incomplete before an expired exemption before warnings.

        A check that is missing or was left out is incomplete, unless it is waived or attested; whatever is wrong with
        one that is no gate is a warning.
        """
        stopping = {finding.outcome for finding in self.stopping}
        if Outcome.FAIL in stopping:
            return Overall.FAILED
        if stopping or self.lacking:
            return Overall.INCOMPLETE
        if any(one.use is Use.EXPIRED for one in self.exempted):
            return Overall.EXPIRED
        troubled = any(one.outcome is Outcome.WARN or not one.outcome.met for one in self.findings)
        return Overall.WARNINGS if troubled else Overall.PASSED


def judge(
    facts: Facts,
    requirement: Requirement,
    circumstances: Circumstances,
    *,
    tool: Tool,
    judged: datetime,
    evidence: Mapping[str, Evidence],
    selection: Selection = ALL,
    exemptions: Iterable[Exemption] = (),
    earlier: Earlier | None = None,
) -> Report:
    """Judge facts against a requirement; pure.

    Everything is judged as of the day on which the facts were collected, so that judging them again says the same.

    Args:
        facts: what was collected.
        requirement: what is needed.
        circumstances: of the collection.
        tool: what judges.
        judged: now (UTC).
        evidence: how each group of facts was collected.
        selection: which checks run; the others keep a row.
        exemptions: waivers and attestations, whose ids are known.
        earlier: the report to compare with.
    """
    today = circumstances.collected.date()
    plain = tuple(
        check.left_out(requirement, why)
        if (why := selection.left_out(check.id))
        else check.run(facts, requirement, today, evidence)
        for check in CHECKS
    )
    findings, uses = exempted(plain, exemptions, today, selection)
    rows = [
        Row(
            check=one.check,
            outcome=one.outcome,
            guarantees=one.guarantees,
            seen=one.seen,
            stated_until=one.stated_until,
        )
        for one in findings
    ]
    return Report(
        circumstances=circumstances,
        tool=tool,
        judged=judged,
        expected=len(CHECKS),
        findings=findings,
        exempted=uses,
        guarantees=guarantee_states(
            rows, circumstances.collected, platform=circumstances.platform, plan=circumstances.plan
        ),
        delta=delta(findings, earlier, circumstances.collected) if earlier else None,
    )
