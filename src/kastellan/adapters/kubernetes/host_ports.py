"""Pods that let requests in at ports of their nodes, as controllers do where no load balancer is (bare metal)."""

from collections.abc import Collection, Iterator, Mapping

from kastellan.domain.kubernetes_object import Manifest
from kastellan.ports.cluster import Cluster
from kastellan.preflight.platform_facts import EntranceHosts

_FORWARDS = "svccontroller.k3s.cattle.io/svcname"
"""On pods of k3s' ServiceLB: they pass on to a Service, whose endpoints decide (docs.k3s.io, "Networking Services")."""


def hosts(
    cluster: Cluster, namespace: str, zones: Mapping[str, str], web: Collection[int]
) -> tuple[EntranceHosts, ...]:
    """Who listens on ports of nodes at which requests come in, and the zones in which its pods are ready.

    Args:
        cluster: to be asked.
        namespace: of the controller.
        zones: of the nodes.
        web: those ports; others are for metrics, probes and the network's own agents.

    Raises:
        KastellanError: pods may not be listed.
    """
    ports: dict[str, set[int]] = {}
    ready: dict[str, list[str]] = {}
    for pod in cluster.list("v1", "Pod", namespace=namespace):
        owner = _owner(pod)
        opened = set(web) & set(_host_ports(pod["spec"]))
        if not owner or not opened or _FORWARDS in (pod["metadata"].get("labels") or {}):
            continue
        ports.setdefault(owner, set()).update(opened)
        if _is_ready(pod):
            ready.setdefault(owner, []).append(zones.get(pod["spec"].get("nodeName", ""), ""))
    return tuple(
        EntranceHosts(name=owner, ports=tuple(sorted(opened)), zones=tuple(ready.get(owner, ())))
        for owner, opened in sorted(ports.items())
    )


def _owner(pod: Manifest) -> str:
    """What keeps the pod, as people call it; empty for a static pod, which is an API server's and no controller's."""
    metadata = pod["metadata"]
    for reference in metadata.get("ownerReferences") or ():
        if not reference.get("controller"):
            continue
        kind, name = str(reference["kind"]), str(reference["name"])
        if kind == "Node":
            return ""
        replica = (metadata.get("labels") or {}).get("pod-template-hash", "")
        if kind == "ReplicaSet" and replica:
            return f"Deployment {name.removesuffix(f'-{replica}')}"
        return f"{kind} {name}"
    return f"Pod {metadata['name']}"


def _host_ports(spec: Manifest) -> Iterator[int]:
    """On the host's network a container's port is the host's (the API server's default)."""
    for container in spec.get("containers") or ():
        for port in container.get("ports") or ():
            if port.get("protocol", "TCP") != "TCP":
                continue
            number = port.get("hostPort") or (port["containerPort"] if spec.get("hostNetwork") else 0)
            if number:
                yield int(number)


def _is_ready(pod: Manifest) -> bool:
    conditions = pod.get("status", {}).get("conditions") or ()
    ready = any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)
    return ready and not pod["metadata"].get("deletionTimestamp")
