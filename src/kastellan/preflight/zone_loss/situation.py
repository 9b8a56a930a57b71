"""A moment in which pods look for a place: what stands where, and who is in the queue."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from kastellan.preflight.label_rule import all_hold
from kastellan.preflight.node_facts import Node
from kastellan.preflight.pod_facts import Apart, PodKind, Spread
from kastellan.preflight.zone_loss.room import NONE, Room, minus, needed, offered, plus
from kastellan.preflight.zone_loss.site import Site, selected, takes, tolerated


@dataclass(frozen=True, slots=True)
class Group:
    """Equal pods that look for a place.

    Attributes:
        kind: see there.
        count: how many they are.
        need: of one pod; reckoned once, for it is asked at every node.
    """

    kind: PodKind
    count: int
    need: Room = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Reckon what one needs."""
        object.__setattr__(self, "need", needed(self.kind.requests))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Equal pods that stand on one node; those that are `ending` hold their room and count for nothing else."""

    kind: PodKind
    node: Node
    count: int
    ending: bool = False


@dataclass(slots=True, kw_only=True)
class Situation:
    """Who looks for a place among whom.

    Attributes:
        sites: nodes that are there.
        ghosts: nodes that are gone, whose objects are still there: the spread may still count them.
        standing: pods on the sites that matter to the rules of ours: those of our namespace, and those that keep apart.
        ours: our pods in the queue.
        others: other pods in the queue.
        any_node_may_go: one more node, whichever it is, is being drained; it hosts none of ours.
    """

    sites: Sequence[Site]
    ghosts: Sequence[Node] = ()
    standing: Sequence[Standing] = ()
    ours: Sequence[Group] = ()
    others: Sequence[Group] = ()
    any_node_may_go: bool = False
    _open: dict[tuple[int, bool], list[Site]] = field(default_factory=dict)
    _domains: dict[tuple[int, Spread], Counter[str]] = field(default_factory=dict)

    def open_to(self, kind: PodKind, *, doubtful: bool = True) -> list[Site]:
        """Sites that admit pods of ours by labels, taints, and by whom pods there keep away.

        Args:
            kind: of ours.
            doubtful: whether to count sites where somebody may or may not keep ours away (a selector over namespaces).
        """
        key = (id(kind), doubtful)
        if key not in self._open:
            closed = {
                (term.topology, stand.node.labels[term.topology])
                for stand in self.standing
                for term in stand.kind.apart
                if term.topology in stand.node.labels and bars(term, stand.kind, kind, doubtful=not doubtful)
            }
            self._open[key] = [
                site
                for site in self.sites
                if takes(site.node, kind)
                and all(spread.topology in site.node.labels for spread in kind.spreads)
                and not any(site.node.labels.get(label) == value for label, value in closed)
            ]
        return self._open[key]

    def domains(self, kind: PodKind, spread: Spread) -> Counter[str]:
        """Every domain of a spread with how many pods count in it, among them those without any; the caller's own."""
        key = (id(kind), spread)
        if key not in self._domains:
            self._domains[key] = self._counted(kind, spread)
        return self._domains[key].copy()

    def _counted(self, kind: PodKind, spread: Spread) -> Counter[str]:
        counts: Counter[str] = Counter()
        known = [*(site.node for site in self.sites), *self.ghosts]
        counting = {
            node.name
            for node in known
            if spread.topology in node.labels
            and (not spread.honor_affinity or selected(node, kind))
            and (not spread.honor_taints or tolerated(node, kind))
        }
        for node in known:
            if node.name in counting:
                counts[node.labels[spread.topology]] += 0
        for stand in self.standing:
            if (
                stand.node.name in counting
                and not stand.ending
                and stand.kind.namespace == kind.namespace
                and all_hold(spread.rules, stand.kind.labels)
            ):
                counts[stand.node.labels[spread.topology]] += stand.count
        return counts


def bars(term: Apart, other: PodKind, ours: PodKind, *, doubtful: bool) -> bool:
    """Whether a required anti-affinity of another pod keeps a pod of ours away.

    Args:
        term: of the other pod.
        other: pod that has it.
        ours: pod of ours.
        doubtful: the answer where that hangs on labels of namespaces, which are not collected.
    """
    if not all_hold(term.rules, ours.labels):
        return False
    return doubtful if term.any_namespace else ours.namespace in (term.namespaces or (other.namespace,))


def sites_of(
    nodes: Sequence[Node], load: Mapping[str, Room], yielding: Mapping[str, Room], *, gone: Collection[str] = ()
) -> list[Site]:
    """The nodes as sites, without those that are gone.

    Args:
        nodes: all of them.
        load: what the pods on each node request.
        yielding: what of this is held by pods of lower priority than ours.
        gone: names.
    """
    return [
        Site(
            node=node,
            free=minus(offered(node.allocatable, node.pods), load.get(node.name, NONE)),
            yielding=yielding.get(node.name, NONE),
        )
        for node in nodes
        if node.name not in gone
    ]


def sum_of(groups: Sequence[Group]) -> Room:
    """What all of them request."""
    total = NONE
    for group in groups:
        need = group.need
        total = plus(total, (need[0] * group.count, need[1] * group.count, need[2] * group.count, group.count))
    return total
