"""NET-1 against a real API server: a controller at host ports, as its DaemonSet controller and defaults make it."""

from dataclasses import replace
from datetime import date
from typing import Any

from kastellan.adapters.kubernetes.connection import connect
from kastellan.adapters.kubernetes.entrance_facts import entrance
from kastellan.domain.installation import Routing, RoutingKind
from kastellan.preflight.checks.net_1 import NET_1
from kastellan.preflight.finding import Finding
from kastellan.preflight.outcome import Outcome
from lab.simulated import ZONES, SimulatedCluster
from tests.unit.preflight.platforms import facts, requirement
from tests.waiting import until


def _controller(namespace: str, spec: dict[str, Any]) -> dict[str, Any]:
    labels = {"app": "edge"}
    return {
        "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "edge", "namespace": namespace},
        "spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": spec}},
    }  # fmt: skip


def _judged(cluster: SimulatedCluster, namespace: str) -> Finding:
    routing = Routing(kind=RoutingKind.INGRESS, class_name=namespace, controller_namespace=namespace)
    seen = entrance(connect(cluster.kubeconfig_text), routing, "zitadel")
    return NET_1.run(replace(facts(), entrance=seen), requirement(), date(2026, 11, 24))


def test_a_daemon_set_on_the_hosts_network_is_seen_in_its_zones_and_one_of_a_single_zone_fails(
    simulated_cluster: SimulatedCluster, namespace: str
) -> None:
    simulated_cluster.apply(
        {"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": {"name": namespace},
         "spec": {"controller": "traefik.io/ingress-controller"}}
    )  # fmt: skip
    assert _judged(simulated_cluster, namespace).outcome is Outcome.UNKNOWN, "nothing lets requests in yet"
    container = {"name": "edge", "image": "localhost/edge", "ports": [{"containerPort": 443}]}
    everywhere = {"hostNetwork": True, "containers": [container]}
    simulated_cluster.apply(_controller(namespace, everywhere))
    until(lambda: _judged(simulated_cluster, namespace).outcome is Outcome.PASS)
    told = f"DaemonSet edge at host port 443: {', '.join(ZONES)}"
    assert told in _judged(simulated_cluster, namespace).observed

    near = everywhere | {"nodeSelector": {"topology.kubernetes.io/zone": ZONES[0]}}
    simulated_cluster.apply(_controller(namespace, near))
    until(lambda: _judged(simulated_cluster, namespace).outcome is Outcome.FAIL)
    assert f"edge at host port 443: {ZONES[0]})" in _judged(simulated_cluster, namespace).observed
