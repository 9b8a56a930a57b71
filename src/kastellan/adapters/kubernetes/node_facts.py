"""Collects the nodes."""

from kastellan.adapters.kubernetes.pod_resources import amounts, quantity
from kastellan.domain.kubernetes_object import Manifest
from kastellan.ports.cluster import Cluster
from kastellan.preflight.node_facts import ZONE, Node, Taint


def nodes(cluster: Cluster) -> tuple[Node, ...]:
    """All of them."""
    return tuple(node_of(live) for live in cluster.list("v1", "Node"))


def node_of(live: Manifest) -> Node:
    """What matters of a live node."""
    labels = live["metadata"].get("labels", {})
    status, spec = live["status"], live.get("spec", {})
    allocatable = status.get("allocatable", {})
    return Node(
        name=live["metadata"]["name"],
        zone=labels.get(ZONE) or None,
        ready=any(c["type"] == "Ready" and c["status"] == "True" for c in status.get("conditions", ())),
        cordoned=bool(spec.get("unschedulable")),
        taints=tuple(
            Taint(key=taint["key"], value=taint.get("value", ""), effect=taint["effect"])
            for taint in spec.get("taints", ())
            if taint["effect"] in ("NoSchedule", "NoExecute")
        ),
        labels=dict(labels),
        architecture=status["nodeInfo"]["architecture"],
        kubelet=status["nodeInfo"]["kubeletVersion"],
        allocatable=amounts(allocatable),
        pods=int(quantity(allocatable.get("pods", "0"))),
    )
