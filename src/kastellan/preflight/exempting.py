"""Applies exemptions to findings.

Neither kind hides its row. A waiver never covers an ERROR, for a defect of ours is nobody's to accept; an attestation
never covers what was seen to be wrong, for evidence outweighs a statement. Neither covers a check that somebody chose
not to run: whoever looks away learns nothing. Nothing waives everything at once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from kastellan.preflight.exemption import Exemption, Waiver
from kastellan.preflight.finding import Finding
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.selection import ALL, Selection

_WAIVABLE = (Outcome.FAIL, Outcome.WARN, Outcome.UNKNOWN)


class Use(StrEnum):
    """What became of an exemption."""

    APPLIED = "applied"
    NOT_NEEDED = "not needed"
    """The check came to an outcome that it does not cover, such as a pass, or was chosen not to run."""
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exempted:
    """An exemption and what became of it."""

    exemption: Exemption
    use: Use
    because: str = ""


def unknown_ids(exemptions: Iterable[Exemption], known: Iterable[str]) -> list[str]:
    """Ids that no check has; a waiver of nothing is a mistake to be told, not to be passed over."""
    ids = frozenset(known)
    return sorted({one.check for one in exemptions if one.check not in ids})


def exempted(
    findings: Iterable[Finding], exemptions: Iterable[Exemption], today: date, selection: Selection = ALL
) -> tuple[tuple[Finding, ...], tuple[Exempted, ...]]:
    """The findings with the exemptions that count on a day, and what became of every exemption.

    Args:
        findings: one a check.
        exemptions: waivers and attestations, whose ids are known.
        today: the day, in UTC.
        selection: which checks ran.
    """
    by_check: dict[str, Finding] = {finding.check: finding for finding in findings}
    uses = []
    for one in exemptions:
        use, because = _use(one, by_check, today, selection.left_out(one.check))
        uses.append(Exempted(exemption=one, use=use, because=because))
        if use is Use.APPLIED:
            by_check[one.check] = _changed(by_check[one.check], one)
    return tuple(by_check.values()), tuple(uses)


def _use(one: Exemption, findings: Mapping[str, Finding], today: date, left_out: str) -> tuple[Use, str]:
    if one.expires < today:
        return Use.EXPIRED, f"it counted until {one.expires}"
    if left_out:
        return Use.NOT_NEEDED, f"the check was {left_out}"
    outcome = findings[one.check].outcome
    covered = _WAIVABLE if isinstance(one, Waiver) else (Outcome.UNKNOWN,)
    if outcome not in covered:
        return Use.NOT_NEEDED, f"the check came to {outcome.value}, which it does not cover"
    return Use.APPLIED, ""


def _changed(finding: Finding, one: Exemption) -> Finding:
    if isinstance(one, Waiver):
        observed = f"{finding.outcome.value}, accepted by {one.approver} until {one.expires}: {finding.observed}"
        return replace(finding, outcome=Outcome.WAIVED, observed=observed, exemption=one, judged=finding.outcome)
    observed = f"stated by {one.by} on {one.stated}: {one.statement}"
    return replace(
        finding,
        outcome=Outcome.ATTESTED,
        observed=observed,
        vantage="attested",
        exemption=one,
        judged=finding.outcome,
    )
