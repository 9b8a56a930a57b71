"""What there is to probe at the way in, by the routing and by what the cluster has."""

from typing import Any

import pytest

from kastellan.adapters.probe.way_in import balancer, way_in
from kastellan.domain.image import Image
from kastellan.domain.installation import Edge, Exposure, GoogleLoadBalancer, NodePorts, Routing, RoutingKind
from kastellan.domain.kubernetes_object import ObjectRef
from kastellan.domain.probing import EntryPoint, Probing
from kastellan.manifests.identity import API, EDGE
from kastellan.preflight.facts import LEFT_OUT, Unknown
from kastellan.preflight.probe_facts import NotProbed
from tests.builders import installation
from tests.fakes.cluster import FakeCluster

_TRAEFIK = Image("registry.example/traefik", "sha256:" + "0" * 64)
GATEWAY = Routing(kind=RoutingKind.GATEWAY, gateway="public", gateway_namespace="edge", controller_namespace="edge")
GOOGLE = Routing(
    kind=RoutingKind.GATEWAY,
    gateway="zitadel",
    google=GoogleLoadBalancer(certificate_map="c", security_policy="p", address="a"),
)
INGRESS = Routing(kind=RoutingKind.INGRESS, class_name="web", controller_namespace="edge")
NODE_PORTS = Routing(node_ports=NodePorts(api=30080, login=30081, sources=("10.40.192.0/22",)))


def _edge(exposure: Exposure) -> Routing:
    return Routing(kind=RoutingKind.EDGE, tls_secret="tls", edge=Edge(image=_TRAEFIK, exposure=exposure))


def _cluster(*installed: str) -> FakeCluster:
    cluster = FakeCluster()
    for name in installed:
        ref = ObjectRef("apps/v1", "Deployment", "zitadel", name)
        cluster.objects[ref] = {"metadata": {"name": name, "generation": 1}, "spec": {"replicas": 0}}
    return cluster


@pytest.mark.parametrize(
    ("routing", "entry", "installed", "plain", "backend"),
    [
        (Routing(), None, True, NotProbed, NotProbed),
        (Routing(), EntryPoint(port=8443), True, EntryPoint, EntryPoint),
        (Routing(), EntryPoint(port=8443), False, EntryPoint, Unknown),
        (GATEWAY, None, True, EntryPoint, EntryPoint),
        (GATEWAY, None, False, EntryPoint, Unknown),
        (GOOGLE, None, True, EntryPoint, EntryPoint),
        (GOOGLE, None, False, Unknown, Unknown),
        (GOOGLE, EntryPoint(port=8443), False, EntryPoint, Unknown),
        (INGRESS, None, True, EntryPoint, EntryPoint),
        (INGRESS, None, False, Unknown, Unknown),
        (NODE_PORTS, None, True, EntryPoint, EntryPoint),
        (NODE_PORTS, None, False, Unknown, Unknown),
        (_edge(Exposure.LOAD_BALANCER), None, False, Unknown, Unknown),
        (_edge(Exposure.LOAD_BALANCER), None, True, EntryPoint, EntryPoint),
        (_edge(Exposure.NODE_PORT), None, True, NotProbed, NotProbed),
    ],
)
def test_the_way_in_is_probed_once_it_can_be_there(
    routing: Routing, entry: EntryPoint | None, installed: bool, plain: type, backend: type
) -> None:
    cluster, of = _cluster(*([API] if installed else [])), installation(routing=routing)
    for needs_backend, expected in ((False, plain), (True, backend)):
        found = way_in(cluster, of, Probing(entry=entry), backend=needs_backend)
        assert isinstance(found, expected)
        if isinstance(found, Unknown):
            assert found.reason.code == LEFT_OUT
        if isinstance(found, EntryPoint) and entry:
            assert found.port == 8443


BALANCED: dict[str, Any] = {"loadBalancer": {"ingress": [{"ip": "198.51.100.7"}, {"hostname": "lb.cloud.example"}]}}


@pytest.mark.parametrize(
    ("routing", "ref", "status"),
    [
        (
            GATEWAY,
            ObjectRef("gateway.networking.k8s.io/v1", "Gateway", "edge", "public"),
            {"addresses": [{"value": "198.51.100.7"}, {"value": "lb.cloud.example"}]},
        ),
        (INGRESS, ObjectRef("networking.k8s.io/v1", "Ingress", "zitadel", API), BALANCED),
        (_edge(Exposure.LOAD_BALANCER), ObjectRef("v1", "Service", "zitadel", EDGE), BALANCED),
    ],
)
def test_the_balancers_addresses_and_names_are_read_from_its_status(
    routing: Routing, ref: ObjectRef, status: dict[str, Any]
) -> None:
    cluster, of = FakeCluster(), installation(routing=routing)
    assert balancer(cluster, of) == ()
    cluster.objects[ref] = {"metadata": {"name": ref.name}}
    assert balancer(cluster, of) == ()
    cluster.objects[ref]["status"] = status
    assert balancer(cluster, of) == ("198.51.100.7", "lb.cloud.example")
