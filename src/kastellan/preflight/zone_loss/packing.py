"""One placement in which all our pods stand, if a simple search finds one: the best case.

Pods of higher priority go first, then ours, the largest first; whoever comes after ours does not matter.
"""

from collections.abc import Callable, Sequence

from kastellan.preflight.pod_facts import PodKind
from kastellan.preflight.zone_loss.room import Room, holds, minus, needed, plus
from kastellan.preflight.zone_loss.site import Site, takes
from kastellan.preflight.zone_loss.situation import Group, Situation, Standing

_Choice = Callable[[Room], tuple[int, int]]


def placement(situation: Situation, *, evicting: bool = False, gone: str = "") -> list[Standing] | None:
    """Where all our pods could stand; None where the search finds nothing, which proves nothing.

    Args:
        situation: see there.
        evicting: whether ours may take the room of pods of lower priority.
        gone: a node that may not be used besides.
    """
    for choice in (_roomiest, _tightest):
        found = _tried(situation, choice, evicting=evicting, gone=gone)
        if found is not None:
            return found
    return None


def _roomiest(left: Room) -> tuple[int, int]:
    return (-left[0], -left[1])


def _tightest(left: Room) -> tuple[int, int]:
    return (left[0], left[1])


def _tried(situation: Situation, choice: _Choice, *, evicting: bool, gone: str) -> list[Standing] | None:
    free: dict[str, Room] = {
        site.node.name: plus(site.free, site.yielding) if evicting else site.free for site in situation.sites
    }
    lowest = min((group.kind.priority for group in situation.ours), default=0)
    higher = [group for group in situation.others if group.kind.priority > lowest]
    for group in sorted(higher, key=lambda one: (-one.kind.priority, -one.need[0], -one.need[1])):
        _let_in(group, [site for site in situation.sites if takes(site.node, group.kind)], free, choice)
    placed: list[Standing] = []
    for group in sorted(situation.ours, key=lambda one: (-one.need[0], -one.need[1])):
        if group.kind.special:
            return None
        sites = [site for site in situation.open_to(group.kind) if site.node.name != gone]
        counts = [situation.domains(group.kind, spread) for spread in group.kind.spreads]
        for _ in range(group.count):
            fitting = [
                (
                    [
                        count[site.node.labels[spread.topology]]
                        for spread, count in zip(group.kind.spreads, counts, strict=True)
                    ],
                    choice(minus(free[site.node.name], group.need)),
                    site.node.name,
                    site,
                )
                for site in sites
                if holds(free[site.node.name], group.need) and _may_stand(site, group.kind, counts, placed)
            ]
            if not fitting:
                return None
            site = min(fitting, key=lambda one: one[:3])[3]
            free[site.node.name] = minus(free[site.node.name], group.need)
            for spread, count in zip(group.kind.spreads, counts, strict=True):
                count[site.node.labels[spread.topology]] += 1
            placed.append(Standing(kind=group.kind, node=site.node, count=1))
    return placed


def _may_stand(site: Site, kind: PodKind, counts: Sequence[dict[str, int]], placed: Sequence[Standing]) -> bool:
    for spread, count in zip(kind.spreads, counts, strict=True):
        emptiest = min(count.values(), default=0) if len(count) >= spread.least_domains else 0
        if count.get(site.node.labels[spread.topology], spread.skew + emptiest) + 1 - emptiest > spread.skew:
            return False
    return not any(
        stand.node.labels.get(term.topology) == site.node.labels.get(term.topology)
        for term in kind.apart
        for stand in placed
        if stand.kind.namespace in (term.namespaces or (kind.namespace,))
        and all(r.holds(stand.kind.labels) for r in term.rules)
    )


def _let_in(group: Group, sites: Sequence[Site], free: dict[str, Room], choice: _Choice) -> None:
    """Put in pods of others one after the other, each kind once over the nodes; who finds nothing stays away."""
    need = needed(group.kind.requests)
    order = sorted(sites, key=lambda site: choice(free[site.node.name]))
    waiting = group.count
    for site in order:
        while waiting and holds(free[site.node.name], need):
            free[site.node.name] = minus(free[site.node.name], need)
            waiting -= 1
            if choice is _roomiest:
                break
