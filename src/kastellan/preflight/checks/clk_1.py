"""CLK-1: clocks agree.

A Lease says when its node renewed it by the node's own clock. One that lies in the future is certainly wrong, and so is
one of a ready node that is minutes old; anything between is the time since the last renewal, and proves nothing.
"""

from dataclasses import replace
from datetime import date

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, broken, failed, folded, known, not_applicable, passed, tried
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import API, Measure, Part, Verdict, in_zone
from kastellan.preflight.gate import Gate
from kastellan.preflight.halves import Half, both
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.requirement import Requirement
from kastellan.preflight.zone_facts import SET_BACK_MS, UNTRIED, Skew, ZoneAnswer

MOST_MS = 2000
"""Tokens are dated to the second and one-time codes live for 30 s: beyond this, valid ones begin to be refused."""
_PERIODS = 3
"""A ready node whose Lease is so many times as old as it may be has another clock: a dead one is not ready by then."""
_FOLLOW = "let the nodes' clocks follow a time server (chrony, NTP)"
_SHOWN = 5
_SILENT = Skew(problem="no answer")


def _clocks(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    return both(
        Half(vantage="pods in every zone", judge=lambda: _pods(tried(facts.zones))),
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


def _pods(answers: tuple[ZoneAnswer, ...]) -> Verdict:
    blind = [
        f"{in_zone(answer.zone)} against {whom}"
        for answer in answers
        for whom, skew in _compared(answer).items()
        if skew.control and not _seen_as_set_back(skew, skew.control)
    ]
    if blind:
        return broken(
            f"{', '.join(blind)}: a clock set back by an hour is not seen as that, so nothing is proved",
            "run it again; if it stays, report it as a defect of kastellan",
        )
    return folded(map(_part, answers), _FOLLOW)


def _compared(answer: ZoneAnswer) -> dict[str, Skew]:
    """By whom it was compared with: the API server always, PostgreSQL where one is known."""
    by_whom = {"the API server": answer.api or _SILENT}
    if answer.database:
        by_whom["PostgreSQL"] = answer.database.clock or replace(
            _SILENT, problem=answer.database.problem or "no answer"
        )
    return by_whom


def _part(answer: ZoneAnswer) -> Part:
    vantage, compared = in_zone(answer.zone), _compared(answer)
    read = {whom: skew for whom, skew in compared.items() if not skew.problem}
    silent = "; ".join(f"{whom}: {skew.problem}" for whom, skew in compared.items() if skew.problem)
    if answer.problem or not read:
        return Part(vantage=vantage, outcome=Outcome.UNKNOWN, observed=answer.problem or silent)
    if not all(skew.control for skew in read.values()):
        return Part(vantage=vantage, outcome=Outcome.UNKNOWN, observed=UNTRIED)
    outcomes = [_outcome(skew) for skew in read.values()] + [Outcome.UNKNOWN] * bool(silent)
    outcome = next(one for one in (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS) if one in outcomes)
    told = ", ".join(f"{skew.low} to {skew.high} ms ahead of {whom}" for whom, skew in read.items())
    furthest = max(max(abs(skew.low), abs(skew.high)) for skew in read.values())
    return Part(
        vantage=vantage,
        outcome=outcome,
        observed=f"{answer.node} is {told}" + (f"; {silent}" if silent else ""),
        measure=Measure(value=furthest, unit="ms", limit=MOST_MS, more_is_better=False),
    )


def _seen_as_set_back(skew: Skew, control: tuple[int, int]) -> bool:
    """Whether the control is as far off as it was made, to the limit at which a clock counts as another."""
    low, high = (bound - SET_BACK_MS for bound in control)
    return low <= skew.high + MOST_MS and high >= skew.low - MOST_MS


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
    expected=lambda _: (
        f"a node of every zone within {MOST_MS / 1000:g} s of the API server, and of PostgreSQL where it is known"
    ),
    judge=_clocks,
    reads=("zones", "heartbeats"),
    vantage="pods in every zone",
    gates=frozenset({Gate.INSTALL}),
    version=3,
)
