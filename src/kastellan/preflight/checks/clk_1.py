"""CLK-1: clocks agree.

A Lease says when its node renewed it by the node's own clock. One that lies in the future is certainly wrong, and so is
one of a ready node that is minutes old; anything between is the time since the last renewal, and proves nothing.
"""

from datetime import date

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, failed, folded, known, not_applicable, passed, tried
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import API, Measure, Part, Verdict, in_zone
from kastellan.preflight.gate import Gate
from kastellan.preflight.halves import Half, both
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.requirement import Requirement
from kastellan.preflight.zone_facts import Skew, ZoneAnswer

MOST_MS = 2000
"""Tokens are dated to the second and one-time codes live for 30 s: beyond this, valid ones begin to be refused."""
_PERIODS = 3
"""A ready node whose Lease is so many times as old as it may be has another clock: a dead one is not ready by then."""
_FOLLOW = "let the nodes' clocks follow a time server (chrony, NTP)"
_SHOWN = 5


def _clocks(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    return both(
        Half(vantage="pods in every zone", judge=lambda: folded(map(_part, tried(facts.zones)), _FOLLOW)),
        Half(vantage=API, judge=lambda: _leases(facts)),
    )


def _leases(facts: Facts) -> Verdict:
    seen = known(facts.heartbeats)
    if not seen.ahead_ms:
        return not_applicable("no ready node has a Lease")
    oldest = -_PERIODS * seen.period_ms
    off = {node: ahead for node, ahead in seen.ahead_ms.items() if ahead > MOST_MS or ahead < oldest}
    if not off:
        return passed(f"no Lease of {len(seen.ahead_ms)} ready nodes contradicts the API server's clock")
    furthest = sorted(off, key=lambda node: -abs(off[node]))
    told = ", ".join(f"{node} by {abs(off[node]) / 1000:.0f} s" for node in furthest[:_SHOWN])
    told += " …" if len(off) > _SHOWN else ""
    return failed(
        f"{len(off)} of {len(seen.ahead_ms)} ready nodes go by another clock than the API server's: {told}",
        _FOLLOW,
        measure=Measure(value=abs(off[furthest[0]]), unit="ms", limit=MOST_MS, more_is_better=False),
    )


def _part(answer: ZoneAnswer) -> Part:
    vantage = in_zone(answer.zone)
    compared = {"the API server": answer.api, "PostgreSQL": answer.database.clock if answer.database else None}
    known = {whom: skew for whom, skew in compared.items() if skew and not skew.problem}
    if answer.problem or not known:
        problems = [skew.problem for skew in compared.values() if skew and skew.problem]
        said = answer.problem or "; ".join(problems) or "no clock to compare with was reached"
        return Part(vantage=vantage, outcome=Outcome.UNKNOWN, observed=said)
    outcomes = [_outcome(skew) for skew in known.values()]
    outcome = next(one for one in (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS) if one in outcomes)
    told = ", ".join(f"{skew.low} to {skew.high} ms ahead of {whom}" for whom, skew in known.items())
    furthest = max(max(abs(skew.low), abs(skew.high)) for skew in known.values())
    return Part(
        vantage=vantage,
        outcome=outcome,
        observed=f"{answer.node} is {told}",
        measure=Measure(value=furthest, unit="ms", limit=MOST_MS, more_is_better=False),
    )


def _outcome(skew: Skew) -> Outcome:
    """Certain both ways: wrong only where even the bound that favours the node is beyond the limit."""
    if skew.low > MOST_MS or skew.high < -MOST_MS:
        return Outcome.FAIL
    within = skew.low >= -MOST_MS and skew.high <= MOST_MS and skew.low <= skew.high
    return Outcome.PASS if within else Outcome.UNKNOWN


CLK_1 = Check(
    id="CLK-1",
    title="the clocks agree",
    owner=Party.CUSTOMER,
    expected=lambda _: f"a node of every zone within {MOST_MS / 1000:g} s of the API server and of PostgreSQL",
    judge=_clocks,
    reads=("zones", "heartbeats"),
    vantage="pods in every zone",
    gates=frozenset({Gate.INSTALL}),
    version=2,
)
