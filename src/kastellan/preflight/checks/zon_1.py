"""ZON-1: zones with nodes that take pods."""

from collections import Counter
from datetime import date

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, failed, known, passed
from kastellan.preflight.eligible_node import eligible
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import Measure, Verdict
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.requirement import Requirement


def _zones(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    nodes = known(facts.nodes)
    usable = Counter(node.zone for node in nodes if not eligible(node, requirement))
    seen = (
        ", ".join(f"{zone} ({count} node{'s' * (count > 1)})" for zone, count in sorted(usable.items(), key=str))
        or "none"
    )
    measure = Measure(value=len(usable), unit="zones", limit=requirement.zones)
    if len(usable) >= requirement.zones:
        return passed(f"{len(usable)} zones take pods: {seen}; labels do not prove physical separation", measure)
    others = [f"{node.name} ({why})" for node in nodes if (why := eligible(node, requirement))]
    left_out = f"; left out: {', '.join(others[:5])}{' …' if len(others) > 5 else ''}" if others else ""
    return failed(
        f"{len(usable)} zones take pods: {seen}{left_out}",
        f"add nodes in {requirement.zones - len(usable)} more zone(s), or make the nodes left out ready, untainted "
        "and labelled with topology.kubernetes.io/zone",
        measure=measure,
    )


def _nodes(count: int) -> str:
    return "1 node" if count == 1 else f"{count} nodes"


ZON_1 = Check(
    id="ZON-1",
    title="zones with nodes that take pods",
    owner=Party.CUSTOMER,
    expected=lambda requirement: f"at least {requirement.zones} zones",
    judge=_zones,
    reads=("nodes",),
    guarantees=frozenset({Guarantee.ZONE_LOSS, Guarantee.AVAILABILITY}),
    clause="DI-2",
)
