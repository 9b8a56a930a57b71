"""A proof that not all our pods can find room, whatever the scheduler does: more than this number can never stand."""

from collections.abc import Sequence

from kastellan.preflight.zone_loss.room import NONE, Room, how_many, larger, plus
from kastellan.preflight.zone_loss.site import Site
from kastellan.preflight.zone_loss.situation import Group, Situation, sum_of


def impossible(situation: Situation) -> str:
    """Why not all our pods can stand, even if ours go first and lower priorities give way; empty where not proved.

    Rules that are not looked at only make it harder, so what is said here holds with them too.
    """
    for group in situation.ours:
        most, places = _most(group, situation)
        if most < group.count:
            where = ", ".join(places) or "nowhere"
            return (
                f"{most} of {group.count} pods of {group.kind.component} that look for a place find room ({where}); "
                f"each requests {group.kind.requests}"
            )
    return _too_much_together(situation)


def _most(group: Group, situation: Situation) -> tuple[int, list[str]]:
    sites = situation.open_to(group.kind)
    if not group.kind.spreads:
        rooms = [how_many(_room(site, group), group.need, group.count) for site in sites]
        lost = max(rooms, default=0) if situation.any_node_may_go else 0
        return min(group.count, sum(rooms) - lost), _names(sites, "topology.kubernetes.io/zone")
    tightest, where = group.count, _names(sites, group.kind.spreads[0].topology)
    for spread in group.kind.spreads:
        counts = situation.domains(group.kind, spread)
        rooms_in: dict[str, list[int]] = {domain: [] for domain in counts}
        for site in sites:
            if (domain := site.node.labels[spread.topology]) in rooms_in:
                rooms_in[domain].append(how_many(_room(site, group), group.need, group.count))
        whole = {domain: min(group.count, sum(rooms)) for domain, rooms in rooms_in.items()}
        cases = [whole]
        if situation.any_node_may_go:
            cases += [
                {**whole, domain: min(group.count, sum(rooms) - max(rooms))}
                for domain, rooms in rooms_in.items()
                if rooms
            ]
        for case in cases:
            # At no time has a domain more than `skew` above the emptiest, and none gets fuller than its room allows.
            enough = len(case) >= spread.least_domains
            level = min((counts[domain] + case[domain] for domain in counts), default=0) if enough else 0
            stand = sum(
                max(0, min(counts[domain] + case[domain], max(counts[domain], level + spread.skew)) - counts[domain])
                for domain in counts
            )
            if stand < tightest:
                tightest, where = stand, [f"{domain}: at most {room}" for domain, room in sorted(case.items())]
    return tightest, where


def _too_much_together(situation: Situation) -> str:
    usable: dict[str, Room] = {}
    for group in situation.ours:
        for site in situation.open_to(group.kind):
            room = _room(site, group)
            if how_many(room, group.need, 1):
                usable[site.node.name] = larger(usable.get(site.node.name, NONE), room)
    total = NONE
    for room in usable.values():
        total = plus(total, room)
    wanted = sum_of(situation.ours)
    short = [
        name
        for name, want, have in zip(("CPU", "memory", "storage", "pods"), wanted, total, strict=True)
        if want > have
    ]
    return f"all nodes that remain have too little {' and '.join(short)} for our pods together" if short else ""


def _room(site: Site, group: Group) -> Room:
    return plus(site.free, site.yielding) if group.kind.preempts else site.free


def _names(sites: Sequence[Site], label: str) -> list[str]:
    return sorted({site.node.labels.get(label, "no zone") for site in sites})
