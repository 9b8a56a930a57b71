"""What a check is: a pure judgement with a stable id."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from kastellan.domain.party import Party
from kastellan.preflight.facts import Facts, Unknown
from kastellan.preflight.finding import Finding, Outcome, Verdict
from kastellan.preflight.requirement import Requirement

_Fact = TypeVar("_Fact")


class UndeterminedError(Exception):
    """A check needs a fact that could not be had."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__(str(unknown.reason))
        self.reason = unknown.reason


def known(fact: _Fact | Unknown) -> _Fact:
    """The fact, or the end of the check with UNKNOWN."""
    if isinstance(fact, Unknown):
        raise UndeterminedError(fact)
    return fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check.

    Attributes:
        id: stable.
        title: what is required, in a few words.
        owner: whose turn it usually is.
        expected: the requirement with its numbers.
        judge: says what the facts come to; the date is that of the run, in UTC.
        clause: in the terms.
        vantage: from where its facts are seen.
    """

    id: str
    title: str
    owner: Party
    expected: Callable[[Requirement], str]
    judge: Callable[[Facts, Requirement, date], Verdict]
    clause: str = "DI-4"
    vantage: str = "api"

    def run(self, facts: Facts, requirement: Requirement, today: date) -> Finding:
        """Judge; never raises: a check that breaks is an ERROR of ours, and no pass."""
        try:
            verdict = self.judge(facts, requirement, today)
        except UndeterminedError as undetermined:
            reason = undetermined.reason
            verdict = Verdict(
                outcome=Outcome.UNKNOWN,
                observed=f"could not be determined: {reason.message}",
                remediation=reason.remediation,
                owner=reason.owner,
            )
        except Exception as defect:  # whatever it is, the others go on and the report shows it
            verdict = Verdict(
                outcome=Outcome.ERROR,
                observed=f"the check itself broke ({type(defect).__name__}: {defect})",
                remediation="report this as a defect of kastellan",
                owner=Party.VENDOR,
            )
        return Finding(
            check=self.id,
            title=self.title,
            outcome=verdict.outcome,
            expected=self.expected(requirement),
            observed=verdict.observed,
            owner=verdict.owner or self.owner,
            remediation=verdict.remediation,
            clause=self.clause,
            vantage=self.vantage,
        )


def passed(observed: str) -> Verdict:
    """The requirement is met."""
    return Verdict(outcome=Outcome.PASS, observed=observed)


def warned(observed: str, remediation: str) -> Verdict:
    """It is met, but not for long, or not as it should be."""
    return Verdict(outcome=Outcome.WARN, observed=observed, remediation=remediation)


def failed(observed: str, remediation: str, *, owner: Party | None = None) -> Verdict:
    """It is not met."""
    return Verdict(outcome=Outcome.FAIL, observed=observed, remediation=remediation, owner=owner)


def undecided(observed: str, remediation: str) -> Verdict:
    """The facts do not decide it."""
    return Verdict(outcome=Outcome.UNKNOWN, observed=observed, remediation=remediation)


def not_applicable(observed: str) -> Verdict:
    """It does not arise here; `observed` says why."""
    return Verdict(outcome=Outcome.NOT_APPLICABLE, observed=observed)
