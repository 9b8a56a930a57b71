"""A real API server accepts every object, and every pod under the Pod Security Standard `restricted`."""

from dataclasses import replace
from typing import Any

import pytest

from kastellan.domain.host_names import HostNames, Layout
from kastellan.domain.image import Image
from kastellan.domain.installation import Autoscaling, Edge, Installation, Routing, RoutingKind
from kastellan.domain.size import SizeName
from kastellan.manifests.release import render
from lab.errors import LabError
from lab.gateway_api import install_gateway_api
from lab.simulated import SimulatedCluster
from tests.builders import installation, secrets

GATEWAY = Routing(
    kind=RoutingKind.GATEWAY, gateway="public", gateway_namespace="edge", controller_namespace="gateway-system"
)
EDGE = Routing(
    kind=RoutingKind.EDGE, tls_secret="tls", edge=Edge(image=Image("localhost/traefik", "sha256:" + "e" * 64))
)
VARIANTS = {
    "plain": installation(),
    "autoscaled": installation(size_name=SizeName.LARGE, autoscaling=Autoscaling(max_replicas=9)),
    "gateway": installation(routing=GATEWAY),
    "gateway of four names": installation(
        routing=GATEWAY, hosts=HostNames.of("customer.example", Layout.FOUR_SUBDOMAINS)
    ),
    "edge": installation(routing=EDGE),
    "ingress": installation(routing=Routing(kind=RoutingKind.INGRESS, class_name="x", controller_namespace="edge")),
}


def _in(namespace: str, of: Installation) -> Installation:
    return replace(of, namespace=namespace, name=namespace)


@pytest.mark.parametrize("of", VARIANTS.values(), ids=VARIANTS.keys())
def test_every_object_is_accepted_as_it_is(
    simulated_cluster: SimulatedCluster, namespace: str, of: Installation
) -> None:
    if of.routing.kind is RoutingKind.GATEWAY:
        install_gateway_api(simulated_cluster)
    objects = render(_in(namespace, of), secrets()).objects
    simulated_cluster.apply(*objects)
    for manifest in objects:
        live = simulated_cluster.kubectl(
            "get", manifest["kind"], manifest["metadata"]["name"], "-n", namespace, "-o", "name"
        )
        assert live.strip()


def test_every_pod_is_admitted_under_the_restricted_profile(
    simulated_cluster: SimulatedCluster, namespace: str
) -> None:
    rendered = render(_in(namespace, installation(routing=EDGE)), secrets())
    simulated_cluster.apply(*rendered.foundation)
    templates = [m["spec"]["template"] for m in (rendered.init_job, rendered.setup_job, *rendered.workloads)]
    for number, template in enumerate(templates):
        pod: dict[str, Any] = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {**template["metadata"], "name": f"probe-{number}", "namespace": namespace},
            "spec": template["spec"],
        }
        path = f"/api/v1/namespaces/{namespace}/pods?dryRun=All"
        simulated_cluster.request("POST", path, pod)
        # The control: the same pod without its profile must be refused, or the namespace guards nothing.
        pod["spec"] = {**template["spec"], "securityContext": {}}
        with pytest.raises(LabError, match="violates PodSecurity"):
            simulated_cluster.request("POST", path, pod)


def test_the_workloads_spread_over_all_zones(simulated_cluster: SimulatedCluster, namespace: str) -> None:
    simulated_cluster.apply(*render(_in(namespace, installation()), secrets()).objects)
    simulated_cluster.kubectl("rollout", "status", "deployment/zitadel", "-n", namespace, "--timeout=60s")
    pods = simulated_cluster.request("GET", f"/api/v1/namespaces/{namespace}/pods")["items"]
    api = [pod for pod in pods if pod["metadata"]["labels"].get("app.kubernetes.io/name") == "zitadel"]
    assert sorted(pod["spec"]["nodeName"] for pod in api) == ["node-zone-a-0", "node-zone-b-0", "node-zone-c-0"]
