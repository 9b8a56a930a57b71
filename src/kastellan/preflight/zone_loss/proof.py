"""A proof that all our pods find room whatever the scheduler does within its rules: the worst case."""

from collections import Counter
from collections.abc import Sequence

from kastellan.preflight.pod_facts import PodKind
from kastellan.preflight.zone_loss.crowd import Crowd, always_fits
from kastellan.preflight.zone_loss.room import how_many, needed, plus
from kastellan.preflight.zone_loss.site import Site, takes
from kastellan.preflight.zone_loss.situation import Group, Situation, bars

_STATES = 5_000
"""States of a spread that are looked at; beyond, nothing is claimed."""


def doubt(situation: Situation) -> str:
    """Why it is not proved that our pods always find room; empty where it is."""
    for group in situation.ours:
        if group.count and (reason := _doubt_about(group, situation)):
            return reason
    return _doubt_about_higher(situation)


def _doubt_about(group: Group, situation: Situation) -> str:
    kind, name = group.kind, group.kind.component or "a pod"
    if kind.special or kind.apart or len(kind.spreads) > 1:
        return f"{name} has rules that this proof does not cover"
    rivals = [other for other in situation.others if not kind.preempts or other.kind.priority >= kind.priority]
    if any(bars(term, other.kind, kind, doubtful=True) for other in situation.others for term in other.kind.apart):
        return f"displaced pods may keep {name} away"
    mates = [other for other in situation.ours if other is not group]
    sites = situation.open_to(kind, doubtful=False)
    spare = int(situation.any_node_may_go)
    unlucky = f"other displaced pods may take the room of {name}, or the scheduler may scatter it"
    if not kind.spreads:
        crowd = Crowd.of([*rivals, *mates, Group(kind, group.count - 1)])
        return "" if always_fits(group.need, sites, crowd, spare=spare) else unlucky
    (spread,) = kind.spreads
    counts = situation.domains(kind, spread)
    by_domain: dict[str, list[Site]] = {domain: [] for domain in counts}
    for site in sites:
        if site.node.labels[spread.topology] in by_domain:
            by_domain[site.node.labels[spread.topology]].append(site)
    sure = {
        domain: _sure(group, places, Crowd.of([*rivals, *_bounded(mates, domain, situation)]), spare)
        for domain, places in by_domain.items()
    }
    possible = {
        domain: sum(how_many(plus(site.free, site.yielding), group.need, group.count) for site in places)
        for domain, places in by_domain.items()
    }
    safe = _always_spreads(counts, group.count, spread.skew, sure, possible, spread.least_domains)
    return "" if safe else unlucky


def _bounded(mates: Sequence[Group], domain: str, situation: Situation) -> list[Group]:
    """Other pods of ours, as many as their own spread lets into one domain."""
    return [Group(mate.kind, _most_in(mate, domain, situation)) for mate in mates]


def _most_in(group: Group, domain: str, situation: Situation) -> int:
    if len(group.kind.spreads) != 1 or not group.count:
        return group.count
    (spread,) = group.kind.spreads
    counts = situation.domains(group.kind, spread)
    if domain not in counts:
        return group.count
    level = min(counts.values())
    while sum(max(0, level + 1 - count) for count in counts.values()) <= group.count:
        level += 1
    return min(group.count, max(0, level + spread.skew - counts[domain]))


def _sure(group: Group, places: Sequence[Site], crowd: Crowd, spare: int) -> int:
    """How many pods one after the other always find room in a domain."""
    low, high = 0, group.count
    while low < high:
        middle = (low + high + 1) // 2
        if always_fits(group.need, places, crowd.with_more(group.need, middle - 1), spare=spare):
            low = middle
        else:
            high = middle - 1
    return low


def _always_spreads(
    counts: Counter[str], count: int, skew: int, sure: dict[str, int], possible: dict[str, int], least: int
) -> bool:
    """Whether, whatever domain the scheduler takes, one that it may take always has sure room for the next pod."""
    domains = sorted(counts)
    seen = {(0,) * len(domains)}
    waiting = list(seen)
    while waiting:
        placed = waiting.pop()
        if sum(placed) == count:
            continue
        if len(seen) > _STATES:
            return False
        now = [counts[domain] + placed[i] for i, domain in enumerate(domains)]
        emptiest = min(now, default=0) if len(domains) >= least else 0
        allowed = [i for i, filled in enumerate(now) if filled + 1 - emptiest <= skew]
        if not any(placed[i] < sure[domains[i]] for i in allowed):
            return False
        for i in allowed:
            following = (*placed[:i], placed[i] + 1, *placed[i + 1 :])
            if placed[i] < possible[domains[i]] and following not in seen:
                seen.add(following)
                waiting.append(following)
    return True


def _doubt_about_higher(situation: Situation) -> str:
    """Pods of higher priority that might find no room would take it from ours."""
    lowest = min((kind.priority for kind in _our_kinds(situation)), default=None)
    if lowest is None:
        return ""
    everybody = Crowd.of([*situation.ours, *(one for one in situation.others if one.kind.priority >= lowest)])
    sites = situation.sites
    for group in situation.others:
        kind = group.kind
        if kind.priority <= lowest or not kind.preempts:
            continue
        admitting = [site for site in sites if takes(site.node, kind)]
        if not admitting:
            continue  # nobody's eviction would help it
        plain = not kind.special and not kind.apart and not kind.spreads
        spare = int(situation.any_node_may_go)
        if not plain or not always_fits(
            needed(kind.requests), admitting, everybody.without_one(group.need), spare=spare
        ):
            return f"pods of higher priority ({kind.owner} in {kind.namespace}) may take the room of ours"
    return ""


def _our_kinds(situation: Situation) -> list[PodKind]:
    return [
        *(group.kind for group in situation.ours),
        *(stand.kind for stand in situation.standing if stand.kind.ours),
    ]
