"""The controller behind the Ingress or the HTTPRoute of an installation, and from where it serves."""

from typing import TypedDict, assert_never

from kastellan.adapters.kubernetes.endpoint_zones import endpoint_zones, zones_of_nodes
from kastellan.adapters.kubernetes.host_ports import hosts
from kastellan.domain.installation import Routing, RoutingKind
from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.ports.cluster import Cluster
from kastellan.preflight.facts import Unknown, left_out
from kastellan.preflight.platform_facts import Entrance, EntranceHosts, EntranceService
from kastellan.preflight.probe_facts import NotProbed

_GATEWAY_API = "gateway.networking.k8s.io/v1"
_INGRESS_API = "networking.k8s.io/v1"
_IS_DEFAULT = "ingressclass.kubernetes.io/is-default-class"
_WEB = (80, 443)
"""HTTP and HTTPS (RFC 9110, 4.2)."""
_OWN = NotProbed(why="kastellan runs the edge itself (routing.kind: edge)")
_NONE = NotProbed(why="the customer routes by own means (routing.kind: none)")


def entrance(cluster: Cluster, routing: Routing, namespace: str, port: int = 443) -> Entrance | NotProbed | Unknown:
    """Class, controller and endpoints of the way in.

    Args:
        cluster: to be asked.
        routing: how requests reach the installation.
        namespace: of the installation.
        port: of the entry point, as `installation:probes.entry` names it.

    Raises:
        KastellanError: classes, Services, endpoints or pods may not be read.
    """
    match routing.kind:
        case RoutingKind.INGRESS:
            return _of_ingress(cluster, routing, port)
        case RoutingKind.GATEWAY:
            return _of_gateway(cluster, routing, namespace, port)
        case RoutingKind.EDGE:
            return _OWN
        case RoutingKind.NONE:
            return _NONE
        case _ as never:
            assert_never(never)


def _of_ingress(cluster: Cluster, routing: Routing, port: int) -> Entrance:
    classes = [*cluster.list(_INGRESS_API, "IngressClass")]
    chosen = next((one for one in classes if _chosen(one, routing.class_name)), None)
    return Entrance(
        kind="IngressClass",
        name=chosen["metadata"]["name"] if chosen else routing.class_name,
        controller=chosen["spec"].get("controller", "") if chosen else "",
        **_ways(cluster, routing.controller_namespace, port),
    )


def _chosen(live: Manifest, name: str) -> bool:
    if name:
        return bool(live["metadata"]["name"] == name)
    return (live["metadata"].get("annotations") or {}).get(_IS_DEFAULT) == "true"


def _of_gateway(cluster: Cluster, routing: Routing, namespace: str, port: int) -> Entrance | Unknown:
    where = routing.gateway_namespace or namespace
    gateway = cluster.get(ObjectRef(_GATEWAY_API, "Gateway", where, routing.gateway))
    if gateway is None and routing.google:
        return left_out(
            "the Gateway is made with the installation, and Google's class may follow a new cluster by minutes",
            "run the preflight again after it; nothing on this is gated before",
        )
    problems = [] if gateway else [f"there is no Gateway {where}/{routing.gateway}"]
    name = gateway["spec"]["gatewayClassName"] if gateway else ""
    live = cluster.get(ObjectRef(_GATEWAY_API, "GatewayClass", "", name)) if name else None
    problems += _problems(f"GatewayClass {name}", live or {}, ("Accepted",))
    if not routing.google:  # one of ours is mended by the very update that this gate would stop
        problems += _problems(f"Gateway {where}/{routing.gateway}", gateway or {}, ("Accepted", "Programmed"))
    return Entrance(
        kind="GatewayClass",
        name=name,
        controller=live["spec"]["controllerName"] if live else "",
        problems=tuple(problems),
        features=_features(live or {}),
        **_ways(cluster, routing.controller_namespace, port, *_listening(gateway or {})),
    )


def _listening(gateway: Manifest) -> tuple[int, ...]:
    return tuple(int(one["port"]) for one in gateway.get("spec", {}).get("listeners") or ())


def _problems(subject: str, live: Manifest, wanted: tuple[str, ...]) -> list[str]:
    return [
        f"{subject} is not {state['type'].lower()}: {state.get('reason', '')} {state.get('message', '')}".strip()
        for state in live.get("status", {}).get("conditions") or ()
        if state["type"] in wanted and state["status"] != "True"
    ]


def _features(live: Manifest) -> tuple[str, ...] | None:
    """Names; the first releases listed them as texts, later ones as objects with a name."""
    listed = live.get("status", {}).get("supportedFeatures")
    if listed is None:
        return None
    return tuple(sorted(one if isinstance(one, str) else one["name"] for one in listed))


class _Ways(TypedDict):
    namespace: str
    ports: tuple[int, ...]
    services: tuple[EntranceService, ...]
    hosts: tuple[EntranceHosts, ...]


def _ways(cluster: Cluster, namespace: str, *ports: int) -> _Ways:
    """How requests come to the controller's pods, where it has some in the cluster."""
    web = tuple(sorted({*_WEB, *ports}))
    if not namespace:
        return _Ways(namespace="", ports=web, services=(), hosts=())
    zones = zones_of_nodes(cluster)
    services = tuple(
        EntranceService(
            name=live["metadata"]["name"],
            zones=endpoint_zones(cluster, namespace, live["metadata"]["name"], zones),
        )
        for live in cluster.list("v1", "Service", namespace=namespace)
        if live["spec"].get("type") in ("LoadBalancer", "NodePort") or live["spec"].get("externalIPs")
    )
    return _Ways(namespace=namespace, ports=web, services=services, hosts=hosts(cluster, namespace, zones, web))
