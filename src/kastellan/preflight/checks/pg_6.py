"""PG-6: every zone is near to the database."""

from datetime import date

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, broken, folded, tried
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import Measure, Part, Verdict, in_zone
from kastellan.preflight.gate import BOTH
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.requirement import Requirement
from kastellan.preflight.zone_facts import HELD_MS, UNTRIED, ZoneAnswer

MOST_MS = 10.0
"""p95 of `SELECT 1`. A login takes tens of queries one after the other, so this alone is half a second of it; zones of
one region are one or two milliseconds apart. A number of our own: ZITADEL names none."""
NOTICE_MS = 5.0


def _latency(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    answers = tried(facts.zones)
    if blind := [in_zone(answer.zone) for answer in answers if _blind(answer)]:
        return broken(
            f"{', '.join(blind)}: a query that the server holds for {HELD_MS} ms was measured as shorter, "
            "so whatever answers there is not the server, and nothing is proved",
            "find out what answers in the server's place; if nothing does, report it as a defect",
        )
    return folded(
        map(_part, answers),
        "put nodes and database into one region, on one network, and let every zone connect with TLS verified",
    )


def _blind(answer: ZoneAnswer) -> bool:
    """Whether the stopwatch does not see what it has to; a millisecond is left to two clocks' different paces."""
    held = answer.database.held if answer.database else None
    return held is not None and held < (HELD_MS - 1) * 1000


def _part(answer: ZoneAnswer) -> Part:
    vantage, seen = in_zone(answer.zone), answer.database
    if answer.problem or seen is None:
        why = answer.problem or "no database or no password of its role is known here"
        return Part(vantage=vantage, outcome=Outcome.UNKNOWN, observed=why)
    if seen.problem or seen.reads is None:
        outcome = Outcome.FAIL if seen.refused else Outcome.UNKNOWN
        return Part(vantage=vantage, outcome=outcome, observed=seen.problem or "nothing was measured")
    if seen.held is None:
        return Part(vantage=vantage, outcome=Outcome.UNKNOWN, observed=UNTRIED)
    low, mid, high = (value / 1000 for value in (seen.reads.p50, seen.reads.p95, seen.reads.p99))
    writes = f", committed writes p95 {seen.writes.p95 / 1000:.1f} ms" if seen.writes else ""
    outcome = Outcome.FAIL if mid > MOST_MS else Outcome.WARN if mid > NOTICE_MS else Outcome.PASS
    return Part(
        vantage=vantage,
        outcome=outcome,
        observed=f"a query takes p50 {low:.1f}, p95 {mid:.1f}, p99 {high:.1f} ms{writes}",
        measure=Measure(value=mid, unit="ms", limit=MOST_MS, more_is_better=False),
    )


PG_6 = Check(
    id="PG-6",
    title="every zone is near to the database",
    owner=Party.CUSTOMER,
    expected=lambda _: f"a query takes at most {MOST_MS:g} ms from every zone (p95; {NOTICE_MS:g} without a warning)",
    judge=_latency,
    reads=("zones",),
    vantage="pods in every zone",
    gates=BOTH,
    guarantees=frozenset({Guarantee.LOAD, Guarantee.ZONE_LOSS}),
    clause="DI-2",
    version=2,
)
