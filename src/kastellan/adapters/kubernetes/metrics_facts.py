"""What the metrics API says about the nodes, where something of ours scales by it."""

from datetime import datetime

from kastellan.domain.kubernetes_object import ObjectRef
from kastellan.ports.cluster import Cluster
from kastellan.preflight.platform_facts import Metrics

API = "metrics.k8s.io/v1beta1"
API_SERVICE = "v1beta1.metrics.k8s.io"


def metrics(cluster: Cluster) -> Metrics:
    """Whether every ready node has metrics, and how old they are.

    Raises:
        KastellanError: the API's registration, nodes or their metrics may not be read.
    """
    registered = cluster.get(ObjectRef("apiregistration.k8s.io/v1", "APIService", "", API_SERVICE))
    if registered is None:
        return Metrics(problem=f"no metrics API is registered ({API_SERVICE})")
    (available,) = [one for one in registered["status"]["conditions"] if one["type"] == "Available"]
    if available["status"] != "True":
        return Metrics(problem=f"the metrics API is not available: {available.get('message', '')}")
    seen = {
        one["metadata"]["name"]: datetime.fromisoformat(one["timestamp"]) for one in cluster.list(API, "NodeMetrics")
    }
    ready, now = ready_nodes(cluster), cluster.server_time()
    ages = [(now - seen[name]).total_seconds() for name in ready if name in seen]
    return Metrics(
        problem="",
        nodes=len(ready),
        silent=tuple(name for name in ready if name not in seen),
        oldest_seconds=max(0, round(max(ages, default=0))),
    )


def ready_nodes(cluster: Cluster) -> tuple[str, ...]:
    """Names of the nodes that report Ready, sorted."""
    return tuple(
        sorted(
            live["metadata"]["name"]
            for live in cluster.list("v1", "Node")
            if any(one["type"] == "Ready" and one["status"] == "True" for one in live["status"].get("conditions", ()))
        )
    )
