"""On Google Cloud: the Gateway names what was made before, and nobody but Google's proxies reaches the pods."""

from typing import Any

from kastellan.domain.installation import GoogleLoadBalancer, NodePool, Routing, RoutingKind
from kastellan.domain.kubernetes_object import Manifest
from kastellan.manifests.release import render
from kastellan.planning.rights import rights_of
from tests.builders import installation, secrets

BALANCER = GoogleLoadBalancer(certificate_map="acme-edge", security_policy="acme-edge", address="acme-edge")
ON_GOOGLE = installation(
    routing=Routing(kind=RoutingKind.GATEWAY, gateway="zitadel", google=BALANCER),
    node_pool=NodePool(label="kastellan.dev/pool", value="zitadel"),
)
MANIFESTS = render(ON_GOOGLE, secrets())


def _of_kind(kind: str) -> list[Manifest]:
    return [manifest for manifest in MANIFESTS.objects if manifest["kind"] == kind]


def test_the_gateway_ends_tls_with_the_certificate_and_the_address_that_were_made() -> None:
    (gateway,) = _of_kind("Gateway")
    assert gateway["metadata"]["annotations"] == {"networking.gke.io/certmap": "acme-edge"}
    assert gateway["spec"]["addresses"] == [{"type": "NamedAddress", "value": "acme-edge"}]
    assert [listener["protocol"] for listener in gateway["spec"]["listeners"]] == ["HTTPS"]
    (route,) = _of_kind("HTTPRoute")
    assert route["spec"]["parentRefs"] == [{"name": "zitadel", "namespace": "zitadel"}]


def test_every_service_that_is_routed_to_stands_behind_the_rate_limits_and_is_asked_with_the_external_name() -> None:
    (route,) = _of_kind("HTTPRoute")
    routed = {backend["name"] for rule in route["spec"]["rules"] for backend in rule["backendRefs"]}
    limited = {
        policy["spec"]["targetRef"]["name"]: policy["spec"]["default"] for policy in _of_kind("GCPBackendPolicy")
    }
    asked = {policy["spec"]["targetRef"]["name"]: policy["spec"]["default"] for policy in _of_kind("HealthCheckPolicy")}
    assert routed == limited.keys() == asked.keys()
    assert {default["securityPolicy"] for default in limited.values()} == {"acme-edge"}
    assert {default["config"]["httpHealthCheck"]["host"] for default in asked.values()} == {ON_GOOGLE.domain}


def test_only_googles_proxies_and_the_login_reach_the_api() -> None:
    (policy,) = [one for one in _of_kind("NetworkPolicy") if one["metadata"]["name"] == "allow-to-api"]
    sources: list[dict[str, Any]] = policy["spec"]["ingress"][0]["from"]
    assert [source["ipBlock"]["cidr"] for source in sources if "ipBlock" in source] == [
        "130.211.0.0/22", "35.191.0.0/16",
    ]  # fmt: skip
    assert len(sources) == 3


def test_every_pod_goes_to_the_nodes_that_are_zitadels_alone() -> None:
    owners = [*MANIFESTS.workloads, MANIFESTS.init_job, MANIFESTS.setup_job, MANIFESTS.cleanup_job]
    for owner in owners:
        spec = owner["spec"]["template"]["spec"]
        assert spec["nodeSelector"] == {"kastellan.dev/pool": "zitadel"}
        assert [toleration["effect"] for toleration in spec["tolerations"]] == ["NoSchedule"]


def test_the_rights_for_googles_objects_are_asked_for() -> None:
    asked = {right.resource for right in rights_of(ON_GOOGLE, MANIFESTS)}
    assert {"gateways", "gcpbackendpolicies", "healthcheckpolicies"} <= asked
