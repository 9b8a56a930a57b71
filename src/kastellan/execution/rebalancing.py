"""Moves pods into a zone that came back, one at a time and by eviction, so that disruption budgets are kept."""

from collections.abc import Iterator, Sequence

from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.execution.rollout import ready_pods
from kastellan.execution.waiting import Waiting
from kastellan.planning.drift import Drift, DriftKind
from kastellan.planning.zone_balance import move_to_make
from kastellan.ports.cluster import Cluster


def rebalance(cluster: Cluster, waiting: Waiting, deployment: Manifest) -> bool:
    """Evict pods from crowded zones until every zone that takes pods has one, or none can be spared.

    Returns:
        Whether there was something to do.

    Raises:
        StuckError: a replacement does not become ready.
    """
    acted = False
    while move := move_to_make(ready_pods(cluster, deployment), [*cluster.list("v1", "Node")]):
        waiting.progress.report(
            "rebalancing", f"moving pod {move.pod}: zone {move.empty} has none, zone {move.crowded} has several"
        )
        namespace = deployment["metadata"]["namespace"]
        eviction = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": move.pod, "namespace": namespace},
        }
        cluster.create(f"/api/v1/namespaces/{namespace}/pods/{move.pod}/eviction", eviction)
        acted = True
        _wait(cluster, waiting, deployment, gone=move.pod)
    return acted


def unbalanced(cluster: Cluster, deployments: Sequence[Manifest]) -> Iterator[Drift]:
    """Deployments whose pods `rebalance` would move; looks and changes nothing."""
    nodes = [*cluster.list("v1", "Node")]
    for deployment in deployments:
        if move := move_to_make(ready_pods(cluster, deployment), nodes):
            yield Drift(kind=DriftKind.UNBALANCED, ref=ObjectRef.of(deployment), zone=move.empty)


def _wait(cluster: Cluster, waiting: Waiting, deployment: Manifest, *, gone: str) -> None:
    ref = ObjectRef.of(deployment)

    def look() -> tuple[bool | None, str]:
        live = cluster.get(ref)
        wanted = int(live["spec"].get("replicas", 1)) if live else 0
        ready = [pod["metadata"]["name"] for pod in ready_pods(cluster, deployment)]
        done = gone not in ready and len(ready) >= wanted
        return (True if done else None), f"{len(ready)} of {wanted} pods ready"

    waiting.until(
        "rebalancing",
        look,
        budget=waiting.budgets.rollout,
        remediation=f"see why: kubectl -n {ref.namespace} describe deployment {ref.name}; the other pods go on serving",
    )
