"""CAP-1: room for all pods of an update."""

from collections import Counter
from datetime import date

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, failed, known, passed, undecided
from kastellan.preflight.eligible_node import eligible
from kastellan.preflight.facts import Amounts, Facts
from kastellan.preflight.finding import Measure, Verdict
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.requirement import PodNeed, Requirement


def _headroom(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    nodes = [node for node in known(facts.nodes) if not eligible(node, requirement)]
    largest = {node.name: node.allocatable for node in nodes}
    free = dict(largest)
    slots = {node.name: node.pods for node in nodes}
    for pod in known(facts.pods):
        if pod.node in free and not pod.ours:  # our own are placed anew below
            free[pod.node] = free[pod.node].minus(pod.requests)
            slots[pod.node] -= 1
    by_zone: dict[str, list[str]] = {}
    for node in nodes:
        by_zone.setdefault(str(node.zone), []).append(node.name)
    if not by_zone:
        return failed("no node takes pods", "see ZON-1")
    for need in sorted(requirement.pods, key=lambda need: (need.requests.cpu, need.requests.memory), reverse=True):
        problem = _place(need, free, slots, by_zone, largest)
        if problem:
            return problem
    rest = sum((amounts.cpu for amounts in free.values()), start=Amounts().cpu)
    return passed(
        f"all pods of an update fit; {rest.normalize():f} cores of requests stay free",
        Measure(value=float(rest), unit="cores free", limit=0),
    )


def _place(
    need: PodNeed,
    free: dict[str, Amounts],
    slots: dict[str, int],
    by_zone: dict[str, list[str]],
    largest: dict[str, Amounts],
) -> Verdict | None:
    placed: Counter[str] = Counter(dict.fromkeys(by_zone, 0))
    for number in range(need.count):
        fewest = min(placed.values())
        zones = sorted(zone for zone in by_zone if not need.spread or placed[zone] == fewest)
        fitting = [
            (free[name].cpu, zone, name)
            for zone in zones
            for name in by_zone[zone]
            if slots[name] > 0 and free[name].holds(need.requests)
        ]
        if not fitting:
            return _no_room(need, number, zones, free, slots, by_zone, largest)
        _, zone, name = max(fitting)
        free[name] = free[name].minus(need.requests)
        slots[name] -= 1
        placed[zone] += 1
    return None


def _no_room(
    need: PodNeed,
    number: int,
    zones: list[str],
    free: dict[str, Amounts],
    slots: dict[str, int],
    by_zone: dict[str, list[str]],
    largest: dict[str, Amounts],
) -> Verdict:
    observed = (
        f"only {number} of {need.count} pods of {need.component} fit; the next has no room in {', '.join(zones)} "
        f"(it requests {need.requests.cpu.normalize():f} cores and {int(need.requests.memory) // 2**20} MiB)"
    )
    remediation = f"free or add capacity in {', '.join(zones)}: a node of at least that size, or fewer other requests"
    names = [name for zone in zones for name in by_zone[zone]]
    total = Amounts()
    for name in names:
        if slots[name] > 0:
            total = total.plus(free[name])
    if not total.holds(need.requests) or not any(largest[name].holds(need.requests) for name in names):
        return failed(observed, remediation)
    return undecided(
        f"{observed}; all nodes together would have room, so another placement may fit, which this check does not try",
        remediation,
    )


CAP_1 = Check(
    id="CAP-1",
    title="room for all pods of an update",
    owner=Party.CUSTOMER,
    expected=lambda requirement: (
        ", ".join(f"{need.count} {need.component}" for need in requirement.pods) + " placed evenly over the zones"
    ),
    judge=_headroom,
    reads=("nodes", "pods"),
    guarantees=frozenset({Guarantee.LOAD, Guarantee.AVAILABILITY, Guarantee.MAINTENANCE}),
    clause="DI-2",
)
