"""Ids by which Amazon's objects are adopted, held against the SDK's own documentation."""

import re

import pytest

from kastellan.domain.aws_ids import BY_NAME, BY_TAGS, REPEATABLE, aws_ids, kind_of_arn
from tests.clouds.reflection_file import shapes

UNDOCUMENTED = {"aws:ec2/launchTemplate:LaunchTemplate", "aws:eks/addon:Addon", "aws:lb/listenerRule:ListenerRule"}
"""The SDK has no section "Import" for these; Terraform's provider below it has."""
ARN = "arn:aws:{service}:eu-central-2:123456789012:{resource}"


def _ids(kind: str, inputs: dict[str, object], tagged: dict[tuple[str, str], list[str]] | None = None) -> list[str]:
    return list(aws_ids(kind, inputs, account="123456789012", region="eu-central-2", tagged=tagged or {}))


def test_of_every_kind_that_is_made_it_is_known_how_a_second_one_is_avoided() -> None:
    ways = [set(BY_NAME), set(BY_TAGS), set(REPEATABLE)]
    assert set.union(*ways) == shapes("aws").keys()
    assert sum(map(len, ways)) == len(shapes("aws"))


@pytest.mark.parametrize("kind", sorted((BY_NAME.keys() | BY_TAGS.keys()) - UNDOCUMENTED))
def test_every_id_has_the_form_of_an_example_of_the_sdk(kind: str) -> None:
    template = BY_NAME.get(kind) or BY_TAGS[kind][1]
    template = template.replace("{arn}", f"arn:aws:{BY_TAGS.get(kind, ('',))[0].partition(':')[0]}:{{x}}")
    part = r"[^|, ]+" if kind in BY_NAME and "#" not in template else r"[^|,# ]+"
    form = part.join(re.escape(piece) for piece in re.split(r"\{\w+\}", template))
    examples = shapes("aws")[kind]["ids"]
    assert any(re.fullmatch(form, one) for one in examples), f"{template} is like none of {examples}"
    separators = re.sub(r"[\w.-]|arn:aws:\w+", "", re.sub(r"\{\w+\}", "", template))
    assert all(mark in examples[0] for mark in separators)


@pytest.mark.parametrize("kind", sorted(UNDOCUMENTED))
def test_the_exceptions_are_exceptions(kind: str) -> None:
    assert shapes("aws")[kind]["ids"] == []


def test_an_id_is_made_of_inputs_and_only_where_all_are_known() -> None:
    group = "aws:eks/nodeGroup:NodeGroup"
    assert _ids(group, {"clusterName": "acme", "nodeGroupName": "zitadel-1"}) == ["acme:zitadel-1"]
    assert _ids(group, {"clusterName": None, "nodeGroupName": "zitadel-1"}) == []
    assert _ids("aws:iam/policy:Policy", {"name": "acme-backup-writer"}) == [
        "arn:aws:iam::123456789012:policy/acme-backup-writer"
    ]
    assert _ids("aws:iam/rolePolicy:RolePolicy", {"role": "r", "name": "n"}) == []


def test_what_stands_in_another_region_says_so() -> None:
    assert _ids("aws:cloudwatch/metricAlarm:MetricAlarm", {"name": "acme-login", "region": "us-east-1"}) == [
        "acme-login@us-east-1"
    ]


def test_what_has_no_name_is_found_by_its_tags_and_every_one_of_them() -> None:
    first, second = (ARN.format(service="ec2", resource=f"natgateway/nat-{n}") for n in "12")
    tagged = {("ec2:natgateway", "acme-nat-2"): [first, second], ("ec2:subnet", "acme-nat-2"): ["arn:x"]}
    assert _ids("aws:ec2/natGateway:NatGateway", {"tags": {"Name": "acme-nat-2"}}, tagged) == ["nat-1", "nat-2"]
    assert _ids("aws:ec2/natGateway:NatGateway", {"tags": {"Name": "acme-nat-3"}}, tagged) == []
    acl = ARN.format(service="wafv2", resource="regional/webacl/acme-edge/a1b2")
    found = {("wafv2:regional/webacl", "acme-edge"): [acl]}
    inputs = {"name": "acme-edge", "scope": "REGIONAL", "tags": {"Name": "acme-edge"}}
    assert _ids("aws:wafv2/webAcl:WebAcl", inputs, found) == ["a1b2/acme-edge/REGIONAL"]


@pytest.mark.parametrize(
    ("service", "resource", "kind"),
    [
        ("ec2", "natgateway/nat-1", "ec2:natgateway"),
        ("elasticloadbalancing", "listener-rule/app/acme/1/2/3", "elasticloadbalancing:listener-rule"),
        ("secretsmanager", "secret:acme/masterkey-Ab12", "secretsmanager:secret"),
        ("wafv2", "regional/webacl/acme/1", "wafv2:regional/webacl"),
        ("sns", "acme-alarms", "sns:acme-alarms"),
    ],
)
def test_an_arn_says_what_it_is(service: str, resource: str, kind: str) -> None:
    assert kind_of_arn(ARN.format(service=service, resource=resource)) == kind


def test_what_is_no_arn_is_no_arn() -> None:
    with pytest.raises(ValueError, match="is no ARN"):
        kind_of_arn("acme")
