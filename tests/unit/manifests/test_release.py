"""The objects of an installation: what they hold, what they must not hold, and when their names change."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kastellan.domain.host_names import HostNames
from kastellan.domain.image import Image
from kastellan.domain.installation import Autoscaling, Edge, Installation, NodePorts, Routing, RoutingKind
from kastellan.domain.kubernetes_object import ObjectRef
from kastellan.domain.size import SizeName
from kastellan.domain.version import Version
from kastellan.manifests.release import render
from tests.builders import MASTERKEY, database, installation, secrets
from tests.golden import assert_golden

GATEWAY = Routing(
    kind=RoutingKind.GATEWAY, gateway="public", gateway_namespace="edge", controller_namespace="gateway-system"
)
INGRESS = Routing(kind=RoutingKind.INGRESS, class_name="traefik", tls_secret="tls", controller_namespace="traefik")
EDGE = Routing(
    kind=RoutingKind.EDGE,
    tls_secret="tls",
    edge=Edge(image=Image("docker.io/library/traefik", "sha256:" + "e" * 64), trusted_proxies=("10.0.0.0/8",)),
)
NODE_PORTS = NodePorts(api=30080, login=30081, sources=("10.40.192.0/22", "10.40.196.0/22"))
VARIANTS = {
    "minimal": installation(database=database(host="10.20.30.40", admin_user="")),
    "gateway-large-autoscaled": installation(
        size_name=SizeName.LARGE, routing=GATEWAY, autoscaling=Autoscaling(max_replicas=12), image_pull_secret="pull"
    ),
    "ingress-medium": installation(size_name=SizeName.MEDIUM, routing=INGRESS),
    "edge": installation(routing=EDGE),
    "node-ports": installation(routing=Routing(node_ports=NODE_PORTS)),
}
installations = st.sampled_from(list(VARIANTS.values()))


def _pods(of: Installation) -> list[dict[str, Any]]:
    rendered = render(of, secrets())
    return [job["spec"]["template"] for job in (rendered.init_job, rendered.setup_job)] + [
        deployment["spec"]["template"] for deployment in rendered.workloads
    ]


@pytest.mark.parametrize("name", VARIANTS)
def test_the_manifests_are_those_that_were_reviewed(name: str) -> None:
    text = yaml.safe_dump_all(render(VARIANTS[name], secrets()).objects, sort_keys=False, width=120)
    assert_golden(Path(__file__).parent / "golden" / f"{name}.yaml", text)


@pytest.mark.parametrize("of", VARIANTS.values(), ids=VARIANTS.keys())
def test_every_object_is_labelled_as_ours_and_named_once(of: Installation) -> None:
    objects = render(of, secrets()).objects
    for manifest in objects:
        marks = manifest["metadata"]["labels"]
        assert marks["app.kubernetes.io/managed-by"] == "kastellan"
        assert marks["app.kubernetes.io/instance"] == "acme"
        assert re.fullmatch(r"[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?", manifest["metadata"]["name"])
    assert len({ObjectRef.of(manifest) for manifest in objects}) == len(objects)


@pytest.mark.parametrize("of", VARIANTS.values(), ids=VARIANTS.keys())
def test_no_secret_stands_anywhere_but_in_secret_objects(of: Installation) -> None:
    for manifest in render(of, secrets()).objects:
        text = json.dumps(manifest)
        hidden = [
            MASTERKEY,
            "secret-database-password",
            "secret-admin-password",
            "secret-login-key",
            "secret-admin-key",
        ]
        encoded = [base64.b64encode(value.encode()).decode() for value in hidden]
        found = [value for value in hidden + encoded if value in text]
        assert found == [] or manifest["kind"] == "Secret", manifest["metadata"]["name"]


def test_the_operators_private_key_is_in_no_object_at_all() -> None:
    text = json.dumps(render(installation(), secrets()).objects)
    assert base64.b64encode(b"secret-admin-key").decode() not in text


@pytest.mark.parametrize("of", VARIANTS.values(), ids=VARIANTS.keys())
def test_every_pod_keeps_to_the_restricted_profile_and_has_no_token(of: Installation) -> None:
    for pod in _pods(of):
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in spec["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert "@sha256:" in container["image"]
            assert container["resources"]["requests"].keys() >= {"cpu", "memory"}


def test_jobs_have_no_deadline_that_kills_and_are_never_repeated_blindly() -> None:
    rendered = render(installation(), secrets())
    for job in (rendered.init_job, rendered.setup_job):
        assert "activeDeadlineSeconds" not in job["spec"]
        assert "ttlSecondsAfterFinished" not in job["spec"]
        assert job["spec"]["backoffLimit"] == 0
        assert job["spec"]["template"]["spec"]["restartPolicy"] == "Never"


def test_without_an_administrator_init_makes_only_the_schemas() -> None:
    rendered = render(installation(database=database(admin_user="")), secrets())
    container = rendered.init_job["spec"]["template"]["spec"]["containers"][0]
    assert container["args"][:2] == ["init", "zitadel"]
    assert "ADMIN" not in json.dumps(rendered.init_job)


def test_pods_serve_on_while_they_are_withdrawn_and_none_goes_before_its_successor_is_ready() -> None:
    for deployment in render(installation(), secrets()).workloads:
        assert deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
        spec = deployment["spec"]["template"]["spec"]
        pause = spec["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
        assert spec["terminationGracePeriodSeconds"] > pause + 5


def test_a_dead_zone_does_not_keep_replacements_pending() -> None:
    for deployment in render(installation(), secrets()).workloads:
        zones = deployment["spec"]["template"]["spec"]["topologySpreadConstraints"][0]
        assert zones["topologyKey"] == "topology.kubernetes.io/zone"
        assert zones["whenUnsatisfiable"] == "DoNotSchedule"
        assert zones["nodeTaintsPolicy"] == "Honor"
        assert "minDomains" not in zones


def test_the_autoscaler_owns_the_number_of_replicas_where_there_is_one() -> None:
    scaled = render(installation(autoscaling=Autoscaling(max_replicas=9)), secrets())
    api, login = scaled.workloads
    assert "replicas" not in api["spec"]
    assert login["spec"]["replicas"] == 3
    assert "HorizontalPodAutoscaler" in {manifest["kind"] for manifest in scaled.availability}


def test_probes_carry_the_external_host_because_a_foreign_one_is_answered_with_404() -> None:
    for deployment in render(installation(), secrets()).workloads:
        container = deployment["spec"]["template"]["spec"]["containers"][0]
        for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
            assert container[kind]["httpGet"]["httpHeaders"] == [{"name": "Host", "value": "id.customer.example"}]


def test_the_configuration_is_the_one_that_zitadel_needs_behind_an_edge() -> None:
    maps = [m for m in render(installation(), secrets()).foundation if m["kind"] == "ConfigMap"]
    config = next(m for m in maps if m["metadata"]["name"].startswith("zitadel-config-"))
    parsed = yaml.safe_load(config["data"]["zitadel.yaml"])
    assert (parsed["ExternalPort"], parsed["ExternalSecure"], parsed["TLS"]["Enabled"]) == (443, True, False)
    assert parsed["ServicePing"]["Enabled"] is False
    assert parsed["Database"]["postgres"]["User"]["SSL"]["Mode"] == "verify-full"
    assert set(parsed["SystemAPIUsers"]) == {"login-client", "admin-client"}


@pytest.mark.parametrize("routing", [GATEWAY, INGRESS], ids=["gateway", "ingress"])
def test_debug_is_never_routed_to_the_api(routing: Routing) -> None:
    (route,) = render(installation(routing=routing), secrets()).routes
    if route["kind"] == "HTTPRoute":
        backends = {
            rule["matches"][0]["path"]["value"]: rule["backendRefs"][0]["name"] for rule in route["spec"]["rules"]
        }
    else:
        backends = {
            path["path"]: path["backend"]["service"]["name"] for path in route["spec"]["rules"][0]["http"]["paths"]
        }
    assert backends == {"/ui/v2/login": "zitadel-login", "/debug": "zitadel-login", "/": "zitadel"}


@given(installations)
def test_equal_installations_give_equal_objects(of: Installation) -> None:
    assert render(of, secrets()) == render(of, secrets())


def test_names_change_exactly_when_content_does() -> None:
    before = render(installation(), secrets())
    same_config = render(installation(version=Version.parse("v4.14.0")), secrets())
    assert {m["metadata"]["name"] for m in before.foundation} == {m["metadata"]["name"] for m in same_config.foundation}
    assert before.setup_job["metadata"]["name"] != same_config.setup_job["metadata"]["name"]
    other_password = render(installation(), secrets(database_password="another"))
    changed = {m["metadata"]["name"] for m in other_password.foundation} - {
        m["metadata"]["name"] for m in before.foundation
    }
    assert [name.rpartition("-")[0] for name in changed] == ["zitadel-server"]
    other_domain = render(installation(hosts=HostNames(issuer="login.customer.example")), secrets())
    assert other_domain.setup_job["metadata"]["name"] != before.setup_job["metadata"]["name"]


def test_network_policies_deny_first_and_open_the_database_to_its_address_alone() -> None:
    policies = {
        m["metadata"]["name"]: m["spec"]
        for m in render(installation(database=database(host="10.20.30.40")), secrets()).foundation
        if m["kind"] == "NetworkPolicy"
    }
    assert policies["default-deny"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert policies["allow-database"]["egress"] == [
        {"to": [{"ipBlock": {"cidr": "10.20.30.40/32"}}], "ports": [{"protocol": "TCP", "port": 5432}]}
    ]
    assert policies["allow-to-api"]["ingress"][0]["from"] == [
        {
            "podSelector": {
                "matchLabels": {"app.kubernetes.io/name": "zitadel-login", "app.kubernetes.io/instance": "acme"}
            }
        }
    ]


def test_an_update_of_zitadel_does_not_replace_the_edge() -> None:
    now, after = (
        render(installation(routing=EDGE, version=Version.parse(version)), secrets()).workloads[-1]
        for version in ("v4.13.1", "v4.14.0")
    )
    assert now == after
    assert now["metadata"]["name"] == "zitadel-edge"


def test_nothing_but_the_edge_may_send_to_an_installation_that_has_its_own() -> None:
    policies = {
        manifest["metadata"]["name"]: manifest["spec"]
        for manifest in render(installation(routing=EDGE), secrets()).foundation
        if manifest["kind"] == "NetworkPolicy"
    }
    senders = [
        peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"]
        for name in ("allow-to-api", "allow-to-login")
        for rule in policies[name]["ingress"]
        for peer in rule["from"]
    ]
    assert sorted(set(senders)) == ["zitadel-edge", "zitadel-login"]
    assert [rule["ports"] for rule in policies["allow-to-edge"]["ingress"]] == [
        [{"protocol": "TCP", "port": 8443}, {"protocol": "TCP", "port": 8080}]
    ]


@pytest.mark.parametrize("name", VARIANTS)
def test_every_object_is_of_a_stable_api_version_which_later_minors_serve_too(name: str) -> None:
    versions = {manifest["apiVersion"] for manifest in render(VARIANTS[name], secrets()).objects}
    assert [one for one in versions if not re.fullmatch(r"([a-z0-9.]+/)?v\d+", one)] == []
