"""Which address families nodes and Services have; what pods then reach by them, only pods see (NET-4)."""

import ipaddress
from collections.abc import Iterable

from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.ports.cluster import Cluster
from kastellan.preflight.platform_facts import AddressFamilies

API_SERVICE = ObjectRef("v1", "Service", "default", "kubernetes")
"""Every cluster has it, with the families of the first range of Services (kubernetes.io, "IPv4/IPv6 dual-stack")."""


def families(cluster: Cluster) -> AddressFamilies:
    """Read them.

    Raises:
        KastellanError: nodes may not be listed, or the Service may not be read.
    """
    service = cluster.get(API_SERVICE)
    return AddressFamilies(
        nodes={live["metadata"]["name"]: _of_node(live) for live in cluster.list("v1", "Node")},
        services=tuple(service["spec"]["ipFamilies"]) if service else (),
    )


def _of_node(live: Manifest) -> tuple[str, ...]:
    """Some network plugins give pods addresses of the node's own network, and leave its range empty."""
    ranges = live.get("spec", {}).get("podCIDRs") or ()
    addresses = live["status"].get("addresses") or ()
    return _named(ranges or (one["address"] for one in addresses if one["type"] == "InternalIP"))


def _named(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({f"IPv{ipaddress.ip_interface(text).version}" for text in texts}))
