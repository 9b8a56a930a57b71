"""When ready nodes renewed their Leases, by their own clocks, against the API server's."""

from datetime import datetime, timedelta

from kastellan.adapters.kubernetes.metrics_facts import ready_nodes
from kastellan.ports.cluster import Cluster
from kastellan.preflight.platform_facts import Heartbeats

_NAMESPACE = "kube-node-lease"
"""Source: kubernetes.io, "Leases", section "Node heartbeats"."""
_MILLISECOND = timedelta(milliseconds=1)
_SECOND = timedelta(seconds=1)


def heartbeats(cluster: Cluster) -> Heartbeats:
    """Read them once; the time that reading takes, and the second that the server's clock leaves open, are the nodes'.

    Raises:
        KastellanError: Leases of nodes may not be listed.
    """
    ready = frozenset(ready_nodes(cluster))
    before = cluster.server_time()
    live = [*cluster.list("coordination.k8s.io/v1", "Lease", namespace=_NAMESPACE)]
    after = cluster.server_time() + _SECOND
    of_nodes = [one for one in live if one["metadata"]["name"] in ready and one["spec"].get("renewTime")]
    return Heartbeats(
        ahead_ms={
            one["metadata"]["name"]: _ahead(datetime.fromisoformat(one["spec"]["renewTime"]), before, after)
            for one in of_nodes
        },
        period_ms=max((int(one["spec"].get("leaseDurationSeconds", 40)) * 1000 for one in of_nodes), default=40_000),
    )


def _ahead(renewed: datetime, before: datetime, after: datetime) -> int:
    if renewed > after:
        return (renewed - after) // _MILLISECOND
    return min(0, (renewed - before) // _MILLISECOND)
