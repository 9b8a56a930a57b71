"""Whether pods stand where the promise needs them: the scheduler spreads new pods and never moves old ones.

After an update during which a zone was away, all pods stand in the others and stay there when it comes back (DI-2).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from kastellan.domain.kubernetes_object import Manifest
from kastellan.manifests.pod import ZONE_LABEL


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A pod that has to go so that its replacement can stand in an empty zone."""

    pod: str
    crowded: str
    empty: str


def move_to_make(pods: Sequence[Manifest], nodes: Sequence[Manifest]) -> Move | None:
    """The next move, or None where every zone that takes pods has one, or none can be spared.

    Args:
        pods: ready pods of one Deployment.
        nodes: all nodes.
    """
    zone_of = {node["metadata"]["name"]: node["metadata"].get("labels", {}).get(ZONE_LABEL, "") for node in nodes}
    open_zones = {zone_of[node["metadata"]["name"]] for node in nodes if _takes_pods(node)} - {""}
    placed = {pod["metadata"]["name"]: zone_of.get(pod["spec"].get("nodeName", ""), "") for pod in pods}
    counts = Counter(placed.values())
    empty = sorted(open_zones - counts.keys())
    crowded = [zone for zone, count in counts.most_common() if zone and count > 1]
    if not empty or not crowded:
        return None
    pod = min(name for name, zone in placed.items() if zone == crowded[0])
    return Move(pod=pod, crowded=crowded[0], empty=empty[0])


def _takes_pods(node: Manifest) -> bool:
    spec = node.get("spec", {})
    ready = any(c["type"] == "Ready" and c["status"] == "True" for c in node.get("status", {}).get("conditions", ()))
    closed = any(taint["effect"] in ("NoSchedule", "NoExecute") for taint in spec.get("taints", ()))
    return ready and not closed and not spec.get("unschedulable")
