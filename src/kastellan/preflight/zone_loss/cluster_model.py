"""The cluster as the simulations see it: nodes and what stands on them, read once for all situations."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from kastellan.preflight.node_facts import Node, Taint
from kastellan.preflight.pod_facts import PodKind, Pods
from kastellan.preflight.zone_loss.packing import placement
from kastellan.preflight.zone_loss.room import NONE, Room, needed, plus, times
from kastellan.preflight.zone_loss.situation import Group, Situation, Standing, sites_of


class ClusterModel:
    """What stands where.

    Args:
        nodes: all nodes that may take pods of anybody.
        pods: all that stand somewhere.
    """

    def __init__(self, nodes: Sequence[Node], pods: Pods) -> None:
        self.nodes = tuple(nodes)
        by_name = {node.name: node for node in nodes}
        kinds = pods.kinds
        counted = Counter((pod.node, pod.kind, pod.ending) for pod in pods.pods if pod.node in by_name)
        self._stands = [
            Standing(kind=kinds[kind], node=by_name[node], count=count, ending=ending)
            for (node, kind, ending), count in counted.items()
        ]
        self._settle()

    def running(self, component: str) -> int:
        """How many pods of a component of ours stand and are not ending."""
        return sum(stand.count for stand in self._stands if stand.kind.component == component and not stand.ending)

    def kind_of(self, component: str) -> PodKind | None:
        """The kind of which most pods of a component stand; None where there is none."""
        counts: Counter[int] = Counter()
        found: dict[int, PodKind] = {}
        for stand in self._stands:
            if stand.kind.component == component and not stand.ending:
                counts[id(stand.kind)] += stand.count
                found[id(stand.kind)] = stand.kind
        return found[counts.most_common(1)[0][0]] if counts else None

    def hosts_of_ours(self) -> list[Node]:
        """Nodes with pods of ours, by name."""
        return sorted({s.node.name: s.node for s in self._stands if s.kind.ours}.values(), key=lambda node: node.name)

    def settle(self, groups: Iterable[Group]) -> bool:
        """Place pods that do not stand yet, as the scheduler might; False where no place for all of them was found."""
        groups = [group for group in groups if group.count]
        if not groups:
            return True
        placed = placement(self.situation(groups))
        if placed is None:
            return False
        self._stands += placed
        self._settle()
        return True

    def situation(
        self,
        more: Sequence[Group] = (),
        *,
        gone: Collection[str] = (),
        visible: bool = False,
        any_node_may_go: bool = False,
    ) -> Situation:
        """The moment in which pods of nodes that are gone look for a place, and `more` pods of ours with them.

        Args:
            more: of ours.
            gone: names of the nodes.
            visible: whether their objects are still there, not ready and tainted.
            any_node_may_go: see `Situation`.
        """
        queue: Counter[int] = Counter()
        kinds: dict[int, PodKind] = {}
        for name in gone:
            for stand in self._on.get(name, ()):
                if not stand.kind.fixed and not stand.ending and stand.kind.owner:
                    queue[id(stand.kind)] += stand.count
                    kinds[id(stand.kind)] = stand.kind
        displaced = [Group(kinds[key], count) for key, count in queue.items()]
        ghosts = [node for node in self.nodes if node.name in gone] if visible else []
        return Situation(
            sites=sites_of(self.nodes, self._load, self._yielding, gone=gone),
            ghosts=[_dead(node) for node in ghosts],
            standing=[stand for stand in self._watched if stand.node.name not in gone],
            ours=[*(group for group in displaced if group.kind.ours), *(group for group in more if group.count)],
            others=[group for group in displaced if not group.kind.ours],
            any_node_may_go=any_node_may_go,
        )

    def _settle(self) -> None:
        self._on: dict[str, list[Standing]] = defaultdict(list)
        self._load: dict[str, Room] = {}
        self._yielding: dict[str, Room] = {}
        ours = [stand.kind for stand in self._stands if stand.kind.ours]
        least = min((kind.priority for kind in ours), default=0)
        namespaces = {kind.namespace for kind in ours}
        needs: dict[int, Room] = {}
        for stand in self._stands:
            name, key = stand.node.name, id(stand.kind)
            if key not in needs:
                needs[key] = needed(stand.kind.requests)
            load = times(needs[key], stand.count)
            self._on[name].append(stand)
            self._load[name] = plus(self._load.get(name, NONE), load)
            if stand.kind.priority < least:
                self._yielding[name] = plus(self._yielding.get(name, NONE), load)
        self._watched = [stand for stand in self._stands if stand.kind.apart or stand.kind.namespace in namespaces]


def _dead(node: Node) -> Node:
    taints = tuple(Taint(key="node.kubernetes.io/unreachable", effect=effect) for effect in ("NoSchedule", "NoExecute"))
    return replace(node, ready=False, taints=(*node.taints, *taints))
