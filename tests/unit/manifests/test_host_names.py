"""Four host names at every way in that kastellan makes, and that one name is served as before."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from kastellan.domain.host_names import HostNames, Layout
from kastellan.domain.installation import Installation, Routing
from kastellan.domain.kubernetes_object import Manifest
from kastellan.manifests.release import render
from tests.builders import installation, secrets
from tests.golden import assert_golden
from tests.unit.manifests.test_google_edge import BALANCER, ON_GOOGLE
from tests.unit.manifests.test_release import EDGE, GATEWAY, VARIANTS

FOUR = HostNames.of("customer.example", Layout.FOUR_SUBDOMAINS)
WAYS_IN = {
    "gateway": GATEWAY,
    "edge": EDGE,
}


SERVING = {name: of for name, of in (VARIANTS | {"google": ON_GOOGLE}).items() if name != "ingress-medium"}
"""An Ingress serves one name; a stack that asks it for four is refused."""


def _way_in(routing: Routing) -> list[Manifest]:
    """What leads in, of four names."""
    found = [one for one in render(installation(routing=routing, hosts=FOUR), secrets()).objects]
    routes = [one for one in found if one["kind"] in ("Gateway", "HTTPRoute")]
    return [
        *routes,
        *(yaml.safe_load(one["data"]["routes.yaml"]) for one in found if "routes.yaml" in one.get("data", {})),
    ]


@pytest.mark.parametrize("name", WAYS_IN)
def test_the_way_in_of_four_names_is_the_one_that_was_reviewed(name: str) -> None:
    text = yaml.safe_dump_all(_way_in(WAYS_IN[name]), sort_keys=False, width=120)
    assert_golden(Path(__file__).parent / "golden" / f"four-subdomains-{name}.yaml", text)


@pytest.mark.parametrize("of", SERVING.values(), ids=SERVING.keys())
def test_four_names_change_nothing_but_the_way_in_and_the_external_domain(of: Installation) -> None:
    one = render(replace(of, hosts=HostNames(issuer=FOUR.issuer)), secrets()).objects
    four = render(replace(of, hosts=FOUR), secrets()).objects
    changed = {manifest["kind"] for manifest in four if manifest not in one}
    assert changed <= {"Gateway", "HTTPRoute", "ConfigMap", "Deployment"}
    assert ("ConfigMap" in changed) is (of.routing.edge is not None)


def _rules(routing: Routing) -> dict[str, list[dict[str, Any]]]:
    routes = [one for one in _way_in(routing) if one.get("kind") == "HTTPRoute"]
    return {host: one["spec"]["rules"] for one in routes for host in one["spec"]["hostnames"]}


def test_the_gateway_listens_to_each_name_and_no_other() -> None:
    (gateway,) = [
        one for one in _way_in(Routing(kind=GATEWAY.kind, gateway="g", google=BALANCER)) if one.get("kind") == "Gateway"
    ]
    assert [one["hostname"] for one in gateway["spec"]["listeners"]] == [*FOUR.every]
    assert len({one["name"] for one in gateway["spec"]["listeners"]}) == 4


def test_every_name_has_one_route_and_what_is_under_debug_reaches_no_api_by_any() -> None:
    rules = _rules(GATEWAY)
    assert sorted(rules) == sorted(FOUR.every)
    for host, own in rules.items():
        api = [rule for rule in own if any(backend["name"] == "zitadel" for backend in rule.get("backendRefs", ()))]
        assert len(api) == (1 if host in FOUR.served else 0)
        closed = [rule for rule in own if rule["matches"][0]["path"]["value"] == "/debug"]
        assert [rule["backendRefs"][0]["name"] for rule in closed] == ["zitadel-login"] * len(api)


def test_the_api_is_asked_in_the_issuers_name_and_its_pages_are_the_issuers() -> None:
    pages, _, rest = _rules(GATEWAY)["api.customer.example"]
    assert pages["filters"][0]["requestRedirect"]["hostname"] == FOUR.issuer
    assert rest["filters"][0]["requestHeaderModifier"] == {
        "set": [{"name": "X-Zitadel-Instance-Host", "value": FOUR.issuer}]
    }
