"""What carries an installation's tag, on moto's index of tags."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID

from kastellan.adapters.aws.account import AwsAccount
from kastellan.adapters.aws.tagged import tagged_with
from kastellan.domain.aws_ids import BY_TAGS
from kastellan.domain.errors import ForbiddenError

REGION = "eu-central-2"


def _tags(name: str, installation: str = "acme") -> list[dict[str, str]]:
    return [{"Key": "Name", "Value": name}, {"Key": "installation", "Value": installation}]


@pytest.fixture
def ec2(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        yield boto3.client("ec2", region_name=REGION)


def test_what_carries_the_tag_is_told_by_kind_and_name_and_nothing_of_others(ec2: Any) -> None:
    def network(kind: str, cidr: str, *, installation: str = "acme") -> str:
        tagged = [{"ResourceType": "vpc", "Tags": _tags(kind, installation)}]
        return str(ec2.create_vpc(CidrBlock=cidr, TagSpecifications=tagged)["Vpc"]["VpcId"])

    mine, second = network("acme", "10.40.0.0/16"), network("acme", "10.41.0.0/16")
    network("other", "10.42.0.0/16", installation="other")
    topics = boto3.client("sns", region_name="us-east-1")
    topic = topics.create_topic(Name="acme-alarms", Tags=_tags("acme-alarms"))["TopicArn"]
    found = tagged_with(AwsAccount(DEFAULT_ACCOUNT_ID, REGION), "acme")
    of_networks = found["ec2:vpc", "acme"]
    assert sorted(arn.rpartition("/")[2] for arn in of_networks) == sorted([mine, second])
    assert found["sns:acme-alarms", "acme-alarms"] == [topic], "what is global stands in us-east-1"
    assert ("ec2:vpc", "other") not in found


def test_kinds_are_called_as_moto_calls_them(ec2: Any) -> None:
    """Of those that moto tells: an ARN of another form would never be found."""
    vpc = ec2.create_vpc(CidrBlock="10.40.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.40.0.0/20")["Subnet"]["SubnetId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    group = ec2.create_security_group(GroupName="g", Description="g", VpcId=vpc)["GroupId"]
    nat = ec2.create_nat_gateway(SubnetId=subnet)["NatGateway"]["NatGatewayId"]
    made = {"vpc": vpc, "subnet": subnet, "internet-gateway": gateway, "route-table": table, "security-group": group}
    for name, identity in (made | {"natgateway": nat}).items():
        ec2.create_tags(Resources=[identity], Tags=_tags(name))
    keys = boto3.client("kms", region_name=REGION)
    keys.create_key(Tags=[{"TagKey": one["Key"], "TagValue": one["Value"]} for one in _tags("key")])
    secrets = boto3.client("secretsmanager", region_name=REGION)
    secrets.create_secret(Name="acme/masterkey", SecretString="x", Tags=_tags("secret"))
    balancing = boto3.client("elbv2", region_name=REGION)
    balancing.create_target_group(Name="acme-api", Protocol="HTTP", Port=1, VpcId=vpc, Tags=_tags("targetgroup"))
    found = tagged_with(AwsAccount(DEFAULT_ACCOUNT_ID, REGION), "acme")
    known = {called for called, _ in BY_TAGS.values()}
    assert {called for called, _ in found} <= known
    assert len(found) == 9


def test_the_index_of_another_account_is_never_asked(ec2: Any) -> None:
    with pytest.raises(ForbiddenError, match="of account"):
        tagged_with(AwsAccount("999999999999", REGION), "acme")
