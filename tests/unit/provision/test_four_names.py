"""Both clouds with four host names: what comes in addition, and that nothing of what is there for one goes."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from kastellan.domain.aws_ids import BY_TAGS
from kastellan.domain.host_names import HostNames, Layout
from kastellan.provision.guard_rail import Declared
from kastellan.provision.guard_rails import violations
from tests.clouds import judgement
from tests.clouds.aws.kinds import KINDS
from tests.clouds.aws.models import problems
from tests.clouds.reflection_file import shapes
from tests.clouds.told import told_once
from tests.unit.provision.test_aws_platform import VALUES as AWS
from tests.unit.provision.test_google_platform import VALUES as GOOGLE

FOUR = {"domain": "customer.example", "hostNames": "four-subdomains"}
HOSTS = HostNames.of("customer.example", Layout.FOUR_SUBDOMAINS)
Made = Mapping[tuple[str, str], dict[str, Any]]


def _made(told: Mapping[str, Any], provider: str) -> Made:
    return {(one["type"], one["name"]): one["inputs"] for one in told["resources"] if one["type"].startswith(provider)}


@pytest.fixture(scope="module")
def google_told(request: pytest.FixtureRequest) -> dict[str, Any]:
    return told_once("tests.clouds.recorded", GOOGLE | FOUR, request)


@pytest.fixture(scope="module")
def aws_told(request: pytest.FixtureRequest) -> dict[str, Any]:
    return told_once("tests.clouds.aws.recorded", AWS | FOUR, request)


@pytest.fixture(scope="module")
def google(google_told: dict[str, Any]) -> Made:
    return _made(google_told, "gcp:")


@pytest.fixture(scope="module")
def aws(aws_told: dict[str, Any]) -> Made:
    return _made(aws_told, "aws:")


def _of_kind(made: Made, kind: str) -> dict[str, dict[str, Any]]:
    return {name: inputs for (token, name), inputs in made.items() if token.endswith(f":{kind}")}


@pytest.mark.parametrize(("cloud", "golden", "more"), [("google", "gke", 15), ("aws", "eks", 13)])
def test_a_second_layout_only_adds_to_what_is_there(
    request: pytest.FixtureRequest, cloud: str, golden: str, more: int
) -> None:
    told: dict[str, Any] = request.getfixturevalue(f"{cloud}_told")
    pinned = set((Path(__file__).parent / "golden" / f"{golden}.urns").read_text().split())
    urns = {one for one in told["urns"] if "pulumi:pulumi:Stack" not in one}
    assert pinned - urns == set()
    assert len(urns - pinned) == more, sorted(urns - pinned)


def test_google_has_nothing_against_any_request(google: Made) -> None:
    known = shapes()
    found = {f"{kind} {name}": list(judgement.problems(kind, known[kind], one)) for (kind, name), one in google.items()}
    assert {key: wrong for key, wrong in found.items() if wrong} == {}


def test_amazons_models_have_nothing_against_any_request(aws: Made) -> None:
    known = shapes("aws")
    found = {
        f"{kind} {name}": [*judgement.shape_problems(known[kind], inputs), *problems(KINDS[kind], inputs)]
        for (kind, name), inputs in aws.items()
    }
    assert {key: wrong for key, wrong in found.items() if wrong} == {}


def test_nothing_breaks_a_guard_rail(google: Made, aws: Made) -> None:
    every = [*google.items(), *aws.items()]
    broken = {name: list(violations(Declared(kind=kind, inputs=one, protect=True))) for (kind, name), one in every}
    assert {name: rails for name, rails in broken.items() if rails} == {}


def test_what_has_no_name_on_aws_is_known_by_its_tags_alone(aws: Made) -> None:
    tags = Counter((BY_TAGS[kind][0], inputs["tags"]["Name"]) for (kind, _), inputs in aws.items() if kind in BY_TAGS)
    assert {tag: count for tag, count in tags.items() if count > 1} == {}


def test_every_name_has_a_record_and_a_certificate_that_is_proved_for_it_on_google(google: Made) -> None:
    records = _of_kind(google, "RecordSet").values()
    led = {one["name"]: one["rrdatas"] for one in records if one["type"] == "A" and "customer.example" in one["name"]}
    assert led == {f"{name}.": ["192.0.2.20"] for name in HOSTS.every}
    proved = {one["name"] for one in records if one["type"] == "CNAME"}
    assert proved == {f"_acme-challenge.{name}." for name in HOSTS.every}
    issued = [one["managed"]["domains"] for one in _of_kind(google, "Certificate").values()]
    assert sorted(issued) == sorted([name] for name in HOSTS.every)
    entries = _of_kind(google, "CertificateMapEntry").values()
    assert {one["hostname"]: len(one["certificates"]) for one in entries} == dict.fromkeys(HOSTS.every, 1)
    assert len({one["map"] for one in entries}) == 1


def test_every_name_has_an_alias_and_is_in_the_certificate_on_aws(aws: Made) -> None:
    records = _of_kind(aws, "Record").values()
    assert {one["name"] for one in records if one["type"] == "A"} == {*HOSTS.every}
    proofs = {one["name"] for one in records if one["type"] == "CNAME"}
    assert {proof.partition(".")[2].rstrip(".") for proof in proofs} == {*HOSTS.every}
    (made,) = _of_kind(aws, "Certificate").values()
    assert (made["domainName"], made["subjectAlternativeNames"]) == (HOSTS.issuer, [*HOSTS.every[1:]])
    (issued,) = _of_kind(aws, "CertificateValidation").values()
    assert set(issued["validationRecordFqdns"]) == proofs


def _asks(condition: dict[str, Any]) -> str:
    (told,) = condition.values()
    return ",".join(told["values"])


def test_the_load_balancer_does_with_each_name_what_it_is_for(aws: Made) -> None:
    rules = sorted(_of_kind(aws, "ListenerRule").items(), key=lambda one: one[1]["priority"])
    told = []
    for name, rule in rules:
        (action,) = rule["actions"]
        to = action.get("redirect", {})
        onward = f"{to['host']}{to['path']}?{to['query']} {to['statusCode']}" if to else action["type"]
        rewritten = [one["hostHeaderRewriteConfig"]["rewrite"]["replace"] for one in rule.get("transforms", ())]
        told.append((name, "; ".join(map(_asks, rule["conditions"])), onward, *rewritten))
    issuer, api, accounts, console = HOSTS.every
    assert told == [
        ("debug", "/debug,/debug/*", "fixed-response"),
        ("login", f"/ui/v2/login,/ui/v2/login/*; {issuer}", "forward"),
        ("grpc-web", f"application/grpc-web*; {issuer}", "forward"),
        ("grpc", f"application/grpc*; {issuer}", "forward"),
        ("accounts-page", f"{accounts}; /", f"{issuer}/ui/v2/login/loginname?#{{query}} HTTP_302"),
        ("console-page", f"{console}; /", f"{issuer}/ui/console/?#{{query}} HTTP_302"),
        ("leading", f"{accounts},{console}", f"{issuer}/#{{path}}?#{{query}} HTTP_302"),
        ("api-pages", f"{api}; /ui,/ui/*", f"{issuer}/#{{path}}?#{{query}} HTTP_302"),
        ("api-grpc-web", f"{api}; application/grpc-web*", "forward", issuer),
        ("api-grpc", f"{api}; application/grpc*", "forward", issuer),
        ("api", api, "forward", issuer),
    ]
    assert [rule["priority"] for _, rule in rules] == list(range(1, 12))


def test_no_rule_asks_more_than_a_load_balancer_takes(aws: Made) -> None:
    """docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html: 5 values a rule."""
    for name, rule in _of_kind(aws, "ListenerRule").items():
        assert sum(len(next(iter(one.values()))["values"]) for one in rule["conditions"]) <= 5, name


def test_the_api_is_watched_by_the_name_that_clients_ask_and_the_rest_by_the_issuers(google: Made, aws: Made) -> None:
    by_google = {
        name: one["monitoredResource"]["labels"]["host"] for name, one in _of_kind(google, "UptimeCheckConfig").items()
    }
    by_amazon = {name: one["fqdn"] for name, one in _of_kind(aws, "HealthCheck").items()}
    assert by_google == by_amazon == {
        "authentication-api": HOSTS.every[1], "oidc": HOSTS.issuer, "saml": HOSTS.issuer, "login": HOSTS.issuer,
    }  # fmt: skip


def test_limits_count_requests_to_all_names_together(google: Made, aws: Made) -> None:
    told = json.dumps([_of_kind(google, "SecurityPolicy"), _of_kind(aws, "WebAcl")])
    assert not [name for name in HOSTS.every if name in told]
