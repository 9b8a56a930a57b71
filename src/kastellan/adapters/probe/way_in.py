"""Whether there is a way in to be probed, and where its load balancer is."""

from collections.abc import Iterable

from kastellan.domain.installation import Exposure, Installation, RoutingKind
from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.domain.probing import EntryPoint, Probing
from kastellan.manifests.identity import API, EDGE
from kastellan.ports.cluster import Cluster
from kastellan.preflight.facts import Unknown, left_out
from kastellan.preflight.probe_facts import NotProbed

_OWN_WAY = NotProbed(
    why="nothing of ours leads in from outside (installation:routing), and installation:probes.entry names no way in"
)
_OF_OURS = (RoutingKind.INGRESS, RoutingKind.EDGE)
"""These come about by the installation itself; a Gateway is there before, unless it is on Google's load balancer."""


def way_in(
    cluster: Cluster, installation: Installation, probing: Probing, *, backend: bool = False
) -> EntryPoint | NotProbed | Unknown:
    """The way in that is to be probed.

    Args:
        cluster: says whether the installation is there yet.
        installation: says how it is routed.
        probing: says more, or otherwise.
        backend: whether the probe needs ZITADEL to answer behind it.
    """
    routing = installation.routing
    outside = (
        routing.kind in (RoutingKind.GATEWAY, RoutingKind.INGRESS)
        or (routing.edge is not None and routing.edge.exposure is Exposure.LOAD_BALANCER)
        or routing.node_ports is not None
    )
    if not probing.entry and not outside:
        return _OWN_WAY
    ours = routing.kind in _OF_OURS or routing.google is not None or routing.node_ports is not None
    if backend or (ours and not probing.entry):
        api = ObjectRef("apps/v1", "Deployment", installation.namespace, API)
        if cluster.get(api) is None:
            return left_out(
                "the way in leads nowhere before the first installation",
                "run the preflight again after it; nothing on this is gated before",
            )
    return probing.entry or EntryPoint()


def balancer(cluster: Cluster, installation: Installation) -> tuple[str, ...]:
    """Addresses or names of the load balancer, as its object's status tells; empty as long as it tells nothing."""
    routing, namespace = installation.routing, installation.namespace
    found: list[str] = []
    if routing.kind is RoutingKind.GATEWAY:
        where = routing.gateway_namespace or namespace
        gateway = cluster.get(ObjectRef("gateway.networking.k8s.io/v1", "Gateway", where, routing.gateway))
        found = [entry.get("value", "") for entry in (gateway or {}).get("status", {}).get("addresses") or ()]
    elif routing.kind is RoutingKind.INGRESS:
        found = _balanced(cluster.list("networking.k8s.io/v1", "Ingress", namespace=namespace))
    elif routing.kind is RoutingKind.EDGE:
        service = cluster.get(ObjectRef("v1", "Service", namespace, EDGE))
        found = _balanced([service] if service else [])
    return tuple(dict.fromkeys(one for one in found if one))


def _balanced(objects: Iterable[Manifest]) -> list[str]:
    return [
        entry.get("ip") or entry.get("hostname", "")
        for live in objects
        for entry in live.get("status", {}).get("loadBalancer", {}).get("ingress") or ()
    ]
