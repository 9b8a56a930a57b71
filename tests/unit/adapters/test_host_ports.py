"""Controllers without a Service: the shapes in which they are written, and what only looks like one."""

from typing import Any

import pytest

from kastellan.adapters.kubernetes.entrance_facts import entrance
from kastellan.adapters.kubernetes.host_ports import hosts
from kastellan.domain.installation import Routing, RoutingKind
from kastellan.domain.kubernetes_object import Manifest
from kastellan.preflight.platform_facts import Entrance, EntranceHosts
from tests.fakes.cluster import FakeCluster
from tests.fakes.platform_cluster import PlatformCluster

_ZONES = {"node-0": "zone-a", "node-1": "zone-b", "node-2": ""}
_WEB: list[Manifest] = [{"containerPort": 8000, "hostPort": 80}, {"containerPort": 8443, "hostPort": 443}]


@pytest.fixture
def cluster() -> PlatformCluster:
    return PlatformCluster()


def _pod(
    cluster: PlatformCluster, name: str, node: str, ports: list[Manifest], *, kind: str = "DaemonSet",
    owner: str = "edge", labels: dict[str, str] | None = None, ready: str = "True", network: bool = False,
    **metadata: Any,
) -> None:  # fmt: skip
    owners = [{"kind": kind, "name": owner, "controller": True}] if owner else []
    cluster.put(
        "v1", "Pod", name, namespace="edge",
        metadata={"labels": labels or {}, "ownerReferences": owners, **metadata},
        spec={"nodeName": node, "hostNetwork": network, "containers": [{"name": "c"}, {"name": "e", "ports": ports}]},
        status={"conditions": [{"type": "Ready", "status": ready}]},
    )  # fmt: skip


def _seen(cluster: FakeCluster) -> tuple[EntranceHosts, ...]:
    return hosts(cluster, "edge", _ZONES, (80, 443))


def test_a_daemon_set_at_host_ports_is_named_with_its_ports_and_the_zones_of_its_ready_pods(
    cluster: PlatformCluster,
) -> None:
    _pod(cluster, "edge-0", "node-0", _WEB)
    _pod(cluster, "edge-1", "node-1", _WEB)
    _pod(cluster, "edge-2", "node-2", _WEB)
    _pod(cluster, "edge-3", "node-1", _WEB, ready="False")
    _pod(cluster, "edge-4", "node-1", _WEB, deletionTimestamp="2026-11-23T12:00:00Z")
    (seen,) = _seen(cluster)
    assert seen == EntranceHosts(name="DaemonSet edge", ports=(80, 443), zones=("zone-a", "zone-b", ""))
    assert seen.told == "DaemonSet edge at host port 80, 443"


def test_on_the_hosts_network_a_containers_port_is_the_hosts_also_where_only_one_is_written(
    cluster: PlatformCluster,
) -> None:
    _pod(cluster, "edge-0", "node-0", [{"containerPort": 443}], network=True)
    assert _seen(cluster) == (EntranceHosts(name="DaemonSet edge", ports=(443,), zones=("zone-a",)),)


def test_a_deployment_is_told_by_its_own_name_and_a_pod_without_an_owner_by_its(cluster: PlatformCluster) -> None:
    labels = {"pod-template-hash": "5d4f"}
    _pod(cluster, "one", "node-0", _WEB, kind="ReplicaSet", owner="proxy-5d4f", labels=labels)
    _pod(cluster, "two", "node-1", _WEB, owner="")
    assert [one.name for one in _seen(cluster)] == ["Deployment proxy", "Pod two"]


@pytest.mark.parametrize(
    ("what", "changes"),
    [
        ("a container's port is not the host's", {"ports": [{"containerPort": 443}]}),
        ("metrics on the hosts' network", {"ports": [{"containerPort": 9100}], "network": True}),
        ("HTTP/3 alone", {"ports": [{"containerPort": 443, "hostPort": 443, "protocol": "UDP"}]}),
        ("an API server of a static pod", {"kind": "Node", "owner": "node-0"}),
        ("a pod that passes on to a Service", {"labels": {"svccontroller.k3s.cattle.io/svcname": "traefik"}}),
    ],
)  # fmt: skip
def test_what_only_looks_like_a_way_in_is_none(cluster: PlatformCluster, what: str, changes: dict[str, Any]) -> None:
    _pod(cluster, "edge-0", "node-0", **{"ports": _WEB, **changes})
    assert _seen(cluster) == (), what


def test_the_entrance_has_both_and_a_service_with_external_addresses_besides(cluster: PlatformCluster) -> None:
    cluster.put("v1", "Service", "outside", namespace="edge", spec={"type": "ClusterIP", "externalIPs": ["192.0.2.1"]})
    _pod(cluster, "edge-0", "node-0", _WEB)
    seen = entrance(
        cluster, Routing(kind=RoutingKind.INGRESS, class_name="web", controller_namespace="edge"), "zitadel"
    )
    assert isinstance(seen, Entrance)
    assert [one.name for one in seen.services] == ["outside"]
    assert [one.told for one in seen.hosts] == ["DaemonSet edge at host port 80, 443"]


def test_the_ports_of_the_entry_point_and_of_the_gateways_listeners_are_looked_at_too(cluster: PlatformCluster) -> None:
    _pod(cluster, "edge-0", "node-0", [{"containerPort": 8443, "hostPort": 8443}])
    _pod(cluster, "edge-1", "node-1", [{"containerPort": 9443, "hostPort": 9443}])
    ingress = Routing(kind=RoutingKind.INGRESS, class_name="web", controller_namespace="edge", tls_secret="tls")
    seen = entrance(cluster, ingress, "zitadel", 8443)
    assert isinstance(seen, Entrance)
    assert (seen.ports, [one.ports for one in seen.hosts]) == ((80, 443, 8443), [(8443,)])
    api = "gateway.networking.k8s.io/v1"
    spec = {"gatewayClassName": "web", "listeners": [{"name": "tls", "port": 9443}]}
    cluster.put(api, "Gateway", "web", namespace="zitadel", spec=spec, status={})
    cluster.put(api, "GatewayClass", "web", spec={"controllerName": "edge.example/controller"}, status={})
    gateway = Routing(kind=RoutingKind.GATEWAY, gateway="web", controller_namespace="edge", tls_secret="tls")
    seen = entrance(cluster, gateway, "zitadel")
    assert isinstance(seen, Entrance)
    assert (seen.ports, [one.ports for one in seen.hosts]) == ((80, 443, 9443), [(9443,)])
