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
    open_zones = {zone_of[node["metadata"]["name"]] for node in nodes if pods and _takes(node, pods[0])} - {""}
    placed = {pod["metadata"]["name"]: zone_of.get(pod["spec"].get("nodeName", ""), "") for pod in pods}
    counts = Counter(placed.values())
    empty = sorted(open_zones - counts.keys())
    crowded = [zone for zone, count in counts.most_common() if zone and count > 1]
    if not empty or not crowded:
        return None
    pod = min(name for name, zone in placed.items() if zone == crowded[0])
    return Move(pod=pod, crowded=crowded[0], empty=empty[0])


def _takes(node: Manifest, pod: Manifest) -> bool:
    spec, wanted = node.get("spec", {}), pod["spec"].get("nodeSelector", {})
    ready = any(c["type"] == "Ready" and c["status"] == "True" for c in node.get("status", {}).get("conditions", ()))
    closed = any(
        taint["effect"] in ("NoSchedule", "NoExecute") and not _tolerates(pod, taint)
        for taint in spec.get("taints", ())
    )
    chosen = wanted.items() <= node["metadata"].get("labels", {}).items()
    return ready and chosen and not closed and not spec.get("unschedulable")


def _tolerates(pod: Manifest, taint: Manifest) -> bool:
    """By name; what Kubernetes adds to every pod tolerates a dead node for a while, and such a node is not ready."""
    mine = {(t.get("key"), t.get("value"), t.get("effect")) for t in pod["spec"].get("tolerations", ())}
    return (taint["key"], taint.get("value"), taint["effect"]) in mine
