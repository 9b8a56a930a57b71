"""NET-4: pods of every zone reach what they have to, by every address family that they have, and nobody reads along."""

from datetime import date

from kastellan.domain.party import Party
from kastellan.preflight.check import (
    Check,
    broken,
    failed,
    folded,
    known,
    not_applicable,
    passed,
    tried,
    undecided,
    warned,
)
from kastellan.preflight.facts import Facts, Unknown
from kastellan.preflight.finding import API, Part, Verdict, in_zone
from kastellan.preflight.gate import BOTH
from kastellan.preflight.halves import Half, both
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.platform_facts import AddressFamilies
from kastellan.preflight.requirement import Requirement
from kastellan.preflight.zone_facts import UNTRIED, Reached, Way, ZoneAnswer

_TRICKED = "find out what answers for everything there, such as a proxy; if nothing does, report it as a defect"
_OPEN = (
    "let every zone resolve and reach these servers by each address family that it has, and exempt them from proxies "
    "that break TLS open"
)
_LOOK = "look at the nodes' spec.podCIDRs and status.addresses, and at the Service's spec.ipFamilies"
_NOTHING = "no destination is named (installation:probes.egress)"


def _egress(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    if not isinstance(facts.zones, Unknown) and _nothing_named(facts.zones):
        return not_applicable(_NOTHING)
    return both(
        Half(vantage="pods in every zone", judge=lambda: _reached(tried(facts.zones))),
        Half(vantage=API, judge=lambda: _families(known(facts.families))),
    )


def _nothing_named(answers: tuple[ZoneAnswer, ...]) -> bool:
    return any(not answer.problem for answer in answers) and not any(answer.destinations for answer in answers)


def _families(seen: AddressFamilies) -> Verdict:
    if not seen.nodes or not seen.services or not all(seen.nodes.values()):
        return undecided("not every node, or not the Service kubernetes, tells its address families", _LOOK)
    told = "; ".join(f"{count} with {' and '.join(names)}" for names, count in _counted(seen))
    everywhere = set.intersection(*(set(names) for names in seen.nodes.values()))
    if not everywhere:
        return failed(f"no address family is on every node ({told})", "give all nodes the same address families")
    services = f"Services with {' and '.join(seen.services)}"
    if not set(seen.services) <= everywhere:
        return failed(f"{services}, which not every node has ({told})", "give all nodes the Services' address families")
    if len(set(map(frozenset, seen.nodes.values()))) > 1:
        return warned(
            f"nodes have different address families ({told}), so what a pod reaches depends on its node",
            "give all nodes the same address families",
        )
    return passed(f"every node has {' and '.join(sorted(everywhere))}; {services}")


def _counted(seen: AddressFamilies) -> list[tuple[tuple[str, ...], int]]:
    kinds = sorted({tuple(sorted(names)) for names in seen.nodes.values()})
    return [(kind, sum(tuple(sorted(names)) == kind for names in seen.nodes.values())) for kind in kinds]


def _reached(answers: tuple[ZoneAnswer, ...]) -> Verdict:
    tricked = [
        f"{in_zone(answer.zone)} reached {control.destination}"
        for answer in answers
        for control in answer.controls
        if any(not way.problem for way in control.ways)
    ]
    if tricked:
        return broken(f"{', '.join(tricked)}, which nobody can have, so reaching others proves nothing", _TRICKED)
    return folded(map(_part, answers), _OPEN)


def _part(answer: ZoneAnswer) -> Part:
    vantage = in_zone(answer.zone)
    if answer.problem:
        return Part(vantage=vantage, outcome=Outcome.UNKNOWN, observed=answer.problem)
    if not answer.controls:
        return Part(vantage=vantage, outcome=Outcome.UNKNOWN, observed=UNTRIED)
    judged = [_destination(one) for one in answer.destinations]
    for outcome in (Outcome.FAIL, Outcome.WARN):
        if said := [words for found, words in judged if found is outcome]:
            return Part(vantage=vantage, outcome=outcome, observed="; ".join(said))
    spoken = {way.family for one in answer.destinations for way in one.ways if not way.problem}
    return Part(
        vantage=vantage,
        outcome=Outcome.PASS,
        observed=f"all {len(judged)} were reached by {' and '.join(sorted(spoken))}, and what nobody can have was not",
    )


def _destination(one: Reached) -> tuple[Outcome, str]:
    broken = [f"{way.family}: {said}" for way in one.ways if (said := _broken(way, one.expected_issuer))]
    words = f"{one.destination}: {'; '.join(broken)}"
    if any(way.issuer and _broken(way, one.expected_issuer) for way in one.ways):
        return Outcome.FAIL, words  # somebody may read along, whatever works besides
    if any(not way.absent and not way.problem for way in one.ways):
        return (Outcome.WARN, f"{words} (others work)") if broken else (Outcome.PASS, "")
    if broken:
        return Outcome.FAIL, words
    nowhere = "; ".join(f"{way.family}: {way.problem}" for way in one.ways) or "its pod has no address"
    return Outcome.FAIL, f"{one.destination}: {nowhere}"


def _broken(way: Way, expected: str) -> str:
    """Why a way that there is does not hold; empty where it does, or where there is none."""
    if way.absent:
        return ""
    if way.issuer and way.step == "tls" and way.problem:
        return f"signed by {way.issuer}, not verified ({way.problem}): is it intercepted?"
    if way.issuer and expected not in way.issuer:
        return f"signed by {way.issuer}, expected is {expected}: intercepted"
    return f"{way.step}: {way.problem}" if way.problem else ""


NET_4 = Check(
    id="NET-4",
    title="pods reach what they have to",
    owner=Party.CUSTOMER,
    expected=lambda _: (
        "from every zone, by each address family: each destination resolves, takes connections, shows its own "
        "certificate and answers; nothing else does"
    ),
    judge=_egress,
    reads=("zones", "families"),
    vantage="pods in every zone",
    gates=BOTH,
    version=3,
)
