"""What a check is: a pure judgement with a stable id."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from kastellan.domain.party import Party
from kastellan.preflight.facts import LEFT_OUT, Facts, Unknown
from kastellan.preflight.finding import API, Evidence, Finding, Measure, Part, Verdict
from kastellan.preflight.gate import BOTH, Gate
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.outcome import Outcome, worst
from kastellan.preflight.probe_facts import NotProbed
from kastellan.preflight.requirement import Requirement

_Fact = TypeVar("_Fact")
_SHOWN_PARTS = 5


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


class NothingToJudgeError(Exception):
    """What a check is about does not arise here."""


def tried(fact: _Fact | NotProbed | Unknown) -> _Fact:
    """What a probe saw, or the end of the check with NOT_APPLICABLE or UNKNOWN."""
    if isinstance(fact, NotProbed):
        raise NothingToJudgeError(fact.why)
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
        reads: the groups of `Facts` that it judges; it sees no other (a test holds this).
        clause: in the terms.
        vantage: from where its facts are seen; parts name their own.
        gates: what it can stop; none means that it only warns.
        guarantees: those that rest on it (DI-5).
        version: of its logic; goes up when the same facts may come to another outcome.
    """

    id: str
    title: str
    owner: Party
    expected: Callable[[Requirement], str]
    judge: Callable[[Facts, Requirement, date], Verdict]
    reads: tuple[str, ...]
    clause: str = "DI-4"
    vantage: str = API
    gates: frozenset[Gate] = BOTH
    guarantees: frozenset[Guarantee] = frozenset()
    version: int = 1

    def run(
        self, facts: Facts, requirement: Requirement, today: date, evidence: Mapping[str, Evidence] | None = None
    ) -> Finding:
        """Judge; never raises: a check that breaks is an ERROR of ours, and no pass.

        Args:
            facts: what was collected.
            requirement: what is needed.
            today: day of the run, in UTC.
            evidence: how each group of facts was collected, by its name.
        """
        try:
            verdict = settled(lambda: self.judge(facts, requirement, today))
        except Exception as defect:  # whatever it is, the others go on and the report shows it
            verdict = broken(
                f"the check itself broke ({type(defect).__name__}: {defect})", "report this as a defect of kastellan"
            )
        return self._row(verdict, requirement, evidence or {}, executed=not verdict.left_out)

    def left_out(self, requirement: Requirement, why: str) -> Finding:
        """The row of a check that did not run: UNKNOWN, because what was not looked at never counts as met."""
        verdict = Verdict(
            outcome=Outcome.UNKNOWN, observed=f"not run: {why}", remediation="run the preflight with this check"
        )
        return self._row(verdict, requirement, {}, executed=False)

    def _row(
        self, verdict: Verdict, requirement: Requirement, evidence: Mapping[str, Evidence], *, executed: bool = True
    ) -> Finding:
        return Finding(
            check=self.id,
            version=self.version,
            title=self.title,
            outcome=verdict.outcome,
            gates=self.gates,
            guarantees=self.guarantees,
            subject=verdict.subject,
            expected=self.expected(requirement),
            observed=verdict.observed,
            measure=verdict.measure,
            owner=verdict.owner or self.owner,
            remediation=verdict.remediation,
            clause=self.clause,
            vantage=", ".join(dict.fromkeys(part.vantage for part in verdict.parts)) or self.vantage,
            parts=verdict.parts,
            evidence=tuple(evidence[name] for name in self.reads if name in evidence),
            executed=executed,
        )


def settled(judge: Callable[[], Verdict]) -> Verdict:
    """What a judgement comes to, also where a fact is missing or there is nothing to judge."""
    try:
        return judge()
    except UndeterminedError as undetermined:
        reason = undetermined.reason
        return Verdict(
            outcome=Outcome.UNKNOWN,
            observed=f"could not be determined: {reason.message}",
            remediation=reason.remediation,
            owner=reason.owner,
            left_out=reason.code == LEFT_OUT,
        )
    except NothingToJudgeError as nothing:
        return not_applicable(str(nothing))


def passed(observed: str, measure: Measure | None = None) -> Verdict:
    """The requirement is met."""
    return Verdict(outcome=Outcome.PASS, observed=observed, measure=measure)


def warned(observed: str, remediation: str, measure: Measure | None = None) -> Verdict:
    """It is met, but not for long, or not as it should be."""
    return Verdict(outcome=Outcome.WARN, observed=observed, remediation=remediation, measure=measure)


def failed(observed: str, remediation: str, *, owner: Party | None = None, measure: Measure | None = None) -> Verdict:
    """It is not met."""
    return Verdict(outcome=Outcome.FAIL, observed=observed, remediation=remediation, owner=owner, measure=measure)


def undecided(observed: str, remediation: str, *, owner: Party | None = None) -> Verdict:
    """The facts do not decide it."""
    return Verdict(outcome=Outcome.UNKNOWN, observed=observed, remediation=remediation, owner=owner)


def broken(observed: str, remediation: str, *, subject: str = "") -> Verdict:
    """Its own negative control failed, or the check did: whatever else was seen proves nothing, and it is our turn."""
    return Verdict(
        outcome=Outcome.ERROR, observed=observed, remediation=remediation, owner=Party.VENDOR, subject=subject
    )


def asked_for(what: str, why_unseen: str, remediation: str) -> Verdict:
    """The stack that makes a thing asks for it, and nobody saw it: a description is no evidence, so UNKNOWN.

    Args:
        what: the stack asks for.
        why_unseen: why nobody saw it.
        remediation: how it is seen, or who states it.
    """
    return undecided(f"not seen ({why_unseen}), only asked for by this stack: {what}", remediation, owner=Party.VENDOR)


def not_applicable(observed: str) -> Verdict:
    """It does not arise here; `observed` says why."""
    return Verdict(outcome=Outcome.NOT_APPLICABLE, observed=observed)


def folded(parts: Iterable[Part], remediation: str, *, owner: Party | None = None) -> Verdict:
    """One verdict from what was seen from several vantages: the worst outcome, told with the places that have it.

    Args:
        parts: what was seen from each vantage; none at all is UNKNOWN.
        remediation: what to do, unless everything passed.
        owner: who does it, where that differs from the check's usual owner.
    """
    seen = tuple(parts)
    outcome = worst(part.outcome for part in seen)
    deciding = [part for part in seen if part.outcome is outcome]
    if not deciding:
        return undecided("nothing was seen from anywhere", remediation, owner=owner)
    said = [f"{part.vantage}: {part.observed}" for part in deciding[:_SHOWN_PARTS]]
    more = f"; and {len(deciding) - _SHOWN_PARTS} more" if len(deciding) > _SHOWN_PARTS else ""
    fine = outcome in (Outcome.PASS, Outcome.NOT_APPLICABLE)
    return Verdict(
        outcome=outcome,
        observed="; ".join(said) + more,
        remediation="" if fine else remediation,
        owner=owner,
        measure=_tightest([part.measure for part in seen if part.measure]),
        parts=seen,
    )


def _tightest(measures: list[Measure]) -> Measure | None:
    """The measure that is nearest to its limit, or furthest beyond it."""
    if not measures:
        return None
    return min(measures, key=lambda one: one.value if one.more_is_better else -one.value)
