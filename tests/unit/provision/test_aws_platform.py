"""The base on AWS without an engine: what is declared, judged by Amazon's own models and answered by moto."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from kastellan.domain.aws_base import LONGEST_NAME
from kastellan.domain.aws_ids import BY_TAGS
from kastellan.provision.guard_rail import Declared
from kastellan.provision.guard_rails import violations
from tests.builders import CA, MASTERKEY
from tests.clouds import judgement
from tests.clouds.aws.changes import CHANGES
from tests.clouds.aws.kinds import KINDS
from tests.clouds.aws.models import problems, request_problems
from tests.clouds.aws.removals import REMOVALS
from tests.clouds.aws.request import ANYTHING, Inputs
from tests.clouds.reflection_file import shapes
from tests.clouds.told import told_once

DIGEST = "sha256:" + "a" * 64
VALUES: dict[str, Any] = {
    "platform": "eks",
    "version": "v4.13.1",
    "domain": "id.customer.example",
    "database": {"password": "x", "ca": CA, "admin": {"password": "y" * 20}},
    "masterkey": MASTERKEY,
    "images": {"zitadel": f"r/z@{DIGEST}", "login": f"r/l@{DIGEST}"},
    "aws": {
        "account": "123456789012",
        "region": "eu-central-2",
        "administrators": ["arn:aws:iam::123456789012:role/operators"],
        "authorisedNetworks": {"operators": "198.51.100.0/24"},
        "databaseNetworks": ["10.8.0.0/16"],
        "addonVersions": {"vpcCni": "v1.20.1-eksbuild.3", "kubeProxy": "v1.34.0-eksbuild.2"},
        "dns": {"zoneId": "ZTESTS"},
        "budget": {"amount": 1500},
        "alertEmails": ["sre@vendor.example"],
        "escrow": True,
    },
    "contract": {"plan": "standard", "zone": "Europe/Zurich"},
}


MOST_OF_A_BALANCER = 32
"""Characters of a load balancer's and a target group's name, which Amazon's model does not say:
docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html."""


@pytest.fixture(scope="module")
def told(request: pytest.FixtureRequest) -> dict[str, Any]:
    return told_once("tests.clouds.aws.recorded", VALUES, request)


@pytest.fixture(scope="module")
def made(told: dict[str, Any]) -> Mapping[tuple[str, str], dict[str, Any]]:
    """Type and name → inputs."""
    recorded = told["resources"]
    assert all(one["type"].startswith(("aws:", "kastellan:aws:", "pulumi:providers:aws")) for one in recorded)
    return {(one["type"], one["name"]): one["inputs"] for one in recorded if one["type"].startswith("aws:")}


def test_the_shapes_that_the_simulation_judges_by_are_the_sdks(told: dict[str, Any]) -> None:
    assert shapes("aws") == told["schema"], "python -m tests.clouds.reflection writes them anew"


def test_amazons_models_have_nothing_against_any_request(made: Mapping[tuple[str, str], dict[str, Any]]) -> None:
    known = shapes("aws")
    found = {
        f"{kind} {name}": [*judgement.shape_problems(known[kind], inputs), *problems(KINDS[kind], inputs)]
        for (kind, name), inputs in made.items()
    }
    assert {key: wrong for key, wrong in found.items() if wrong} == {}
    assert len(found) > 100


def test_amazons_models_have_nothing_against_the_requests_that_take_anything_down_or_change_it(
    made: Mapping[tuple[str, str], dict[str, Any]],
) -> None:
    answers: dict[str, Any] = {
        "describe_security_groups": {"SecurityGroups": [{"GroupId": "sg-0123456789abcdef0"}]},
        "get_web_acl": {"LockToken": "11111111-2222-3333-4444-555555555555"},
    }
    found: list[object] = []

    def judge(service: str, operation: str, /, **parameters: Any) -> Any:
        given = {key: value for key, value in parameters.items() if value is not None}
        found.extend(request_problems(service, operation, given))
        return answers.get(operation, {})

    for (kind, _), inputs in made.items():
        REMOVALS[kind](ANYTHING, Inputs(inputs), judge)  # type: ignore[arg-type]  # an id that every pattern takes
        if kind in CHANGES:
            CHANGES[kind](Inputs(inputs | {"deletionProtection": "was"}), Inputs(inputs), ANYTHING, judge)  # type: ignore[arg-type]  # likewise
    assert found == []
    assert REMOVALS.keys() == KINDS.keys()


def test_amazon_takes_the_names_of_an_installation_whose_name_is_the_longest(
    made: Mapping[tuple[str, str], dict[str, Any]],
) -> None:
    longest = "a" + "b" * (LONGEST_NAME - 1)
    named = {key: json.loads(json.dumps(inputs).replace("acme", longest)) for key, inputs in made.items()}
    assert {key: wrong for key, inputs in named.items() if (wrong := list(problems(KINDS[key[0]], inputs)))} == {}
    assert {
        f"{kind} {name}": len(inputs["name"])
        for (kind, name), inputs in named.items()
        if kind.startswith("aws:lb/") and len(inputs.get("name", "")) > MOST_OF_A_BALANCER
    } == {}


def test_no_name_in_a_state_changes_unnoticed(told: dict[str, Any]) -> None:
    pinned = (Path(__file__).parent / "golden" / "eks.urns").read_text().split()
    assert [one for one in told["urns"] if "pulumi:pulumi:Stack" not in one] == pinned, (
        "what changes its name is deleted and made anew on every installation: give it an alias of its old name "
        "(docs/platforms/eks.md, Names), then write the file anew"
    )


def test_what_has_no_name_is_known_by_its_tags_alone(made: Mapping[tuple[str, str], dict[str, Any]]) -> None:
    tags = Counter((BY_TAGS[kind][0], inputs["tags"]["Name"]) for (kind, _), inputs in made.items() if kind in BY_TAGS)
    assert {tag: count for tag, count in tags.items() if count > 1} == {}, "kastellan adopt could not tell them apart"
    assert len(tags) > 50


def test_nothing_that_is_declared_breaks_a_guard_rail(made: Mapping[tuple[str, str], dict[str, Any]]) -> None:
    broken = {
        f"{kind} {name}": [rail.name for rail in violations(Declared(kind=kind, inputs=inputs, protect=True))]
        for (kind, name), inputs in made.items()
    }
    assert {key: rails for key, rails in broken.items() if rails} == {}


def test_the_rate_limits_of_the_terms_are_enforced_with_429(made: Mapping[tuple[str, str], dict[str, Any]]) -> None:
    rules = made["aws:wafv2/webAcl:WebAcl", "rate-limits"]["rules"]
    limits = [
        (
            rule["name"],
            rule["statement"]["rateBasedStatement"]["limit"],
            rule["statement"]["rateBasedStatement"]["evaluationWindowSec"],
            rule["statement"]["rateBasedStatement"]["aggregateKeyType"],
            rule["action"]["block"]["customResponse"]["responseCode"],
        )
        for rule in rules
    ]
    assert limits == [("RL-1", 600, 60, "IP", 429), ("RL-2", 3000, 60, "IP", 429)]  # 10 and 50 a second over a minute
    pages, others = (rule["statement"]["rateBasedStatement"]["scopeDownStatement"] for rule in rules)
    assert pages["byteMatchStatement"]["searchString"] == "/ui/"
    assert others["notStatement"]["statement"] == pages
    assert ("aws:wafv2/webAclAssociation:WebAclAssociation", "rate-limits") in made


def test_the_database_is_highly_available_private_encrypted_and_backed_up(
    made: Mapping[tuple[str, str], dict[str, Any]],
) -> None:
    server = made["aws:rds/instance:Instance", "server"]
    assert server["multiAz"] is True
    assert server["publiclyAccessible"] is False
    assert server["backupRetentionPeriod"] == 35
    assert server["deletionProtection"] is True
    assert server["performanceInsightsEnabled"] is True
    assert server["maintenanceWindow"] == "tue:21:00-wed:02:00"  # 22:00 in Zurich, in summer and in winter
    assert server["autoMinorVersionUpgrade"] is False
    parameters = made["aws:rds/parameterGroup:ParameterGroup", "database"]["parameters"]
    assert {"name": "rds.force_ssl", "value": "1", "applyMethod": "immediate"} in parameters
    sources = [
        made["aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", name].get("cidrIpv4")
        for kind, name in made
        if kind.endswith(":SecurityGroupIngressRule") and name.startswith("network-")
    ]
    assert sources == ["10.8.0.0/16"]


def test_every_zone_has_nodes_of_zitadels_own_and_a_way_out_of_its_own(
    made: Mapping[tuple[str, str], dict[str, Any]],
) -> None:
    groups = [inputs for (kind, name), inputs in made.items() if kind.endswith(":NodeGroup") and name != "platform"]
    for group in groups:  # else another machine type would have to take the old nodes away first
        assert group["nodeGroupName"].endswith(group["instanceTypes"][0].replace(".", "-"))
    assert [len(group["subnetIds"]) for group in groups] == [1, 1, 1]
    assert len({group["subnetIds"][0] for group in groups}) == 3
    assert all(
        group["taints"] == [{"key": "kastellan.dev/pool", "value": "zitadel", "effect": "NO_SCHEDULE"}]
        for group in groups
    )
    gateways = [inputs["subnetId"] for (kind, _), inputs in made.items() if kind.endswith(":NatGateway")]
    assert len(set(gateways)) == 3


def test_the_control_plane_is_closed_encrypted_logged_and_upgraded_by_nobody_else(
    made: Mapping[tuple[str, str], dict[str, Any]],
) -> None:
    cluster = made["aws:eks/cluster:Cluster", "cluster"]
    assert cluster["vpcConfig"]["publicAccessCidrs"] == ["198.51.100.0/24"]
    assert cluster["encryptionConfig"]["resources"] == ["secrets"]
    assert len(cluster["enabledClusterLogTypes"]) == 5
    assert cluster["upgradePolicy"] == {"supportType": "EXTENDED"}
    assert cluster["accessConfig"]["bootstrapClusterCreatorAdminPermissions"] is False


def test_the_add_ons_have_the_versions_that_the_stack_names(
    made: Mapping[tuple[str, str], dict[str, Any]],
) -> None:
    versions = {name: inputs.get("addonVersion") for (kind, name), inputs in made.items() if kind.endswith(":Addon")}
    assert versions == {
        "coredns": None, "eks-pod-identity-agent": None, "kube-proxy": "v1.34.0-eksbuild.2",
        "vpc-cni": "v1.20.1-eksbuild.3",
    }  # fmt: skip


def test_only_http_and_https_are_open_to_everybody(made: Mapping[tuple[str, str], dict[str, Any]]) -> None:
    opened = {
        inputs["fromPort"]
        for (kind, _), inputs in made.items()
        if kind.endswith(":SecurityGroupIngressRule") and inputs.get("cidrIpv4") == "0.0.0.0/0"
    }
    assert opened == {80, 443}


def test_health_and_metrics_end_at_the_load_balancer_and_grpc_goes_by_http2(
    made: Mapping[tuple[str, str], dict[str, Any]],
) -> None:
    rules = sorted(
        (inputs["priority"], name, inputs["actions"][0]["type"])
        for (kind, name), inputs in made.items()
        if kind.endswith(":ListenerRule")
    )
    assert [rule[1:] for rule in rules] == [
        ("debug", "fixed-response"), ("login", "forward"), ("grpc-web", "forward"), ("grpc", "forward"),
    ]  # fmt: skip
    versions = {name: made["aws:lb/targetGroup:TargetGroup", name]["protocolVersion"] for name in ("api", "api-grpc")}
    assert versions == {"api": "HTTP1", "api-grpc": "GRPC"}


def test_the_kubeconfig_asks_aws_for_a_token_and_holds_none(told: dict[str, Any]) -> None:
    document = yaml.safe_load(told["kubeconfig"])
    assert document["users"][0]["user"]["exec"]["args"][2:4] == ["eks", "get-token"]
    assert document["clusters"][0]["cluster"]["server"].startswith("https://")
    assert "token" not in document["users"][0]["user"]
