"""A check in two halves: what the API server tells without anything being put anywhere, and what a probe sees.

The halves stand for different things, so one never stands for the other: the check passes where both do, fails where
either does, and is left out where a half was and the other one found nothing wrong. A half that does not arise here
does not count.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from kastellan.preflight.check import not_applicable, settled
from kastellan.preflight.finding import Part, Verdict
from kastellan.preflight.outcome import Outcome, worst


@dataclass(frozen=True, slots=True, kw_only=True)
class Half:
    """One half; `judge` may end as a check's judgement may."""

    vantage: str
    judge: Callable[[], Verdict]


def both(*halves: Half) -> Verdict:
    """One verdict from the halves: that of the worse one, with the parts of all that arise."""
    seen = [(half, settled(half.judge)) for half in halves]
    arising = [(half, verdict) for half, verdict in seen if verdict.outcome is not Outcome.NOT_APPLICABLE]
    if not arising:
        return not_applicable("; ".join(dict.fromkeys(verdict.observed for _, verdict in seen)))
    if len(arising) == 1:
        half, verdict = arising[0]
        return replace(verdict, parts=_parts(half, verdict))
    outcome = worst(verdict.outcome for _, verdict in arising)
    deciding = [verdict for _, verdict in arising if verdict.outcome is outcome]
    looked_at = [verdict for verdict in deciding if not verdict.left_out]
    first = (looked_at or deciding)[0]
    return replace(
        first,
        observed="; ".join(dict.fromkeys(verdict.observed for verdict in looked_at or deciding)),
        measure=first.measure or next((verdict.measure for _, verdict in arising if verdict.measure), None),
        parts=tuple(part for half, verdict in arising for part in _parts(half, verdict)),
    )


def _parts(half: Half, verdict: Verdict) -> tuple[Part, ...]:
    whole = Part(vantage=half.vantage, outcome=verdict.outcome, observed=verdict.observed, measure=verdict.measure)
    return verdict.parts or (whole,)
