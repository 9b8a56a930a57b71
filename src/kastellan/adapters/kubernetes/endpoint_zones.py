"""In which zones a Service is served from."""

from collections.abc import Mapping

from kastellan.ports.cluster import Cluster
from kastellan.preflight.node_facts import ZONE


def zones_of_nodes(cluster: Cluster) -> dict[str, str]:
    """Zones by the names of nodes; empty where the label is missing."""
    metadata = [node["metadata"] for node in cluster.list("v1", "Node")]
    return {entry["name"]: entry.get("labels", {}).get(ZONE, "") for entry in metadata}


def endpoint_zones(cluster: Cluster, namespace: str, service: str, zones: Mapping[str, str]) -> tuple[str, ...]:
    """Zones of a Service's ready endpoints, one entry each; empty where it is not known.

    Args:
        cluster: to be asked.
        namespace: of the Service.
        service: its name.
        zones: of the nodes.
    """
    slices = cluster.list(
        "discovery.k8s.io/v1", "EndpointSlice", namespace=namespace, labels=f"kubernetes.io/service-name={service}"
    )
    return tuple(
        endpoint.get("zone") or zones.get(endpoint.get("nodeName", ""), "")
        for piece in slices
        for endpoint in piece.get("endpoints") or ()
        if endpoint.get("conditions", {}).get("ready", True)
    )
