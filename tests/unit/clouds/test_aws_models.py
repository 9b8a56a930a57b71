"""The simulated AWS refuses what the real one would: a simulation that accepts everything proves nothing."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from kastellan.provision.aws.policy import allow, trusted_by
from tests.clouds import judgement
from tests.clouds.aws.kinds import KINDS
from tests.clouds.aws.making import client, make
from tests.clouds.aws.models import problems
from tests.clouds.aws.provider import SimulatedAws
from tests.clouds.reflection_file import shapes

VPC = {"cidrBlock": "10.40.0.0/16", "enableDnsHostnames": True, "enableDnsSupport": True}
GROUP = {
    "clusterName": "acme", "nodeGroupName": "zitadel-1", "nodeRoleArn": "arn:aws:iam::123456789012:role/n",
    "subnetIds": ["subnet-1"], "scalingConfig": {"desiredSize": 2, "minSize": 2, "maxSize": 2},
    "forceUpdateVersion": False,
}  # fmt: skip
KEY = {"description": "d", "enableKeyRotation": True, "rotationPeriodInDays": 90, "deletionWindowInDays": 30}
LOG = {"name": "/aws/eks/acme/cluster", "retentionInDays": 90}


@pytest.mark.parametrize(
    ("kind", "inputs", "path", "said"),
    [
        ("aws:ec2/vpc:Vpc", VPC | {"cidrBlok": "x"}, "cidrBlok", "no such property"),
        ("aws:ec2/vpc:Vpc", VPC | {"enableDnsSupport": "yes"}, "enableDnsSupport", "expected boolean"),
        ("aws:ec2/vpc:Vpc", VPC | {"instanceTenancy": "default"}, "instanceTenancy", "no request carries it"),
        ("aws:eks/nodeGroup:NodeGroup", {"clusterName": "acme"}, "nodeRoleArn", "required"),
        ("aws:eks/nodeGroup:NodeGroup", GROUP | {"capacityType": "CHEAP"}, "create_nodegroup.capacityType",
         "CHEAP is none of ON_DEMAND"),
        ("aws:eks/nodeGroup:NodeGroup", GROUP | {"taints": [{"key": "k", "effect": "NoSchedule"}]},
         "create_nodegroup.taints[0].effect", "NoSchedule is none of"),
        ("aws:kms/key:Key", KEY | {"rotationPeriodInDays": 30}, "enable_key_rotation.RotationPeriodInDays",
         "30 is not within 90"),
        ("aws:cloudwatch/logGroup:LogGroup", LOG | {"name": "a b"}, "create_log_group.logGroupName", "does not match"),
    ],
)  # fmt: skip
def test_it_is_refused_at_its_place(kind: str, inputs: Mapping[str, Any], path: str, said: str) -> None:
    wrong = list(judgement.shape_problems(shapes("aws")[kind], inputs))
    found = dict(wrong or problems(KINDS[kind], inputs))
    assert said in found.get(path, f"nothing at {path}: {found}")


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        ("aws:ec2/vpc:Vpc", VPC),
        ("aws:eks/nodeGroup:NodeGroup", GROUP | {"subnetIds": [judgement.UNKNOWN]}),
        ("aws:kms/key:Key", KEY),
        ("aws:cloudwatch/logGroup:LogGroup", LOG),
    ],
)
def test_what_is_good_or_not_known_yet_is_taken(kind: str, inputs: Mapping[str, Any]) -> None:
    assert list(judgement.shape_problems(shapes("aws")[kind], inputs)) == []
    assert list(problems(KINDS[kind], inputs)) == []


def test_moto_refuses_what_no_model_can_see() -> None:
    with mock_aws():
        vpc, _ = make(KINDS["aws:ec2/vpc:Vpc"], VPC, "", "eu-central-2")
        subnet = {"vpcId": vpc, "cidrBlock": "10.40.0.0/20", "mapPublicIpOnLaunch": False}
        make(KINDS["aws:ec2/subnet:Subnet"], subnet | {"availabilityZone": "eu-central-2a"}, "", "eu-central-2")
        for bad, said in (
            ({"availabilityZone": "eu-central-2b"}, "InvalidSubnet.Conflict"),
            ({"availabilityZone": "eu-central-2x", "cidrBlock": "10.40.64.0/20"}, "InvalidParameterValue"),
            ({"availabilityZone": "eu-central-2b", "cidrBlock": "10.99.0.0/20"}, "InvalidSubnet.Range"),
        ):
            with pytest.raises(ClientError, match=said):
                make(KINDS["aws:ec2/subnet:Subnet"], subnet | bad, "", "eu-central-2")


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatedAws]:
    monkeypatch.setenv("SIMULATED_CLOUD", str(tmp_path / "cloud.json"))
    with mock_aws():
        yield SimulatedAws()


FACTS = {"moto": ""}


def test_a_change_that_no_request_carries_is_refused(cloud: SimulatedAws) -> None:
    key, _ = make(KINDS["aws:kms/key:Key"], KEY, "", "eu-central-2")
    cloud.changed("aws:kms/key:Key", key, KEY, KEY | {"rotationPeriodInDays": 100}, FACTS)
    with pytest.raises(RuntimeError, match="no request carries description"):
        cloud.changed("aws:kms/key:Key", key, KEY, KEY | {"description": "other"}, FACTS)
    with pytest.raises(RuntimeError, match="not within 90"):
        cloud.changed("aws:kms/key:Key", key, KEY, KEY | {"rotationPeriodInDays": 30}, FACTS)
    with pytest.raises(RuntimeError, match="changes of aws:ec2/vpc:Vpc are not simulated"):
        cloud.changed("aws:ec2/vpc:Vpc", "vpc-1", VPC, VPC | {"enableDnsSupport": False}, FACTS)


def test_what_others_hang_on_is_not_taken_down_and_nothing_twice(cloud: SimulatedAws) -> None:
    role = {"name": "n", "assumeRolePolicy": trusted_by("ec2.amazonaws.com")}
    make(KINDS["aws:iam/role:Role"], role, "", "eu-central-2")
    inline = {"role": "n", "name": "write", "policy": allow("logs:PutLogEvents", on=["*"])}
    make(KINDS["aws:iam/rolePolicy:RolePolicy"], inline, "", "eu-central-2")
    with pytest.raises(RuntimeError, match="DeleteConflict"):
        cloud.removed("aws:iam/role:Role", "n", role, FACTS)
    cloud.removed("aws:iam/rolePolicy:RolePolicy", "n:write", inline, FACTS)
    cloud.removed("aws:iam/role:Role", "n", role, FACTS)
    with pytest.raises(RuntimeError, match="NoSuchEntity"):
        cloud.removed("aws:iam/role:Role", "n", role, FACTS)


def test_what_is_changed_by_hand_is_seen(cloud: SimulatedAws) -> None:
    kind = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
    flags = dict.fromkeys(("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"), True)
    store = client("s3", "", "eu-central-2")
    store.create_bucket(Bucket="backups", CreateBucketConfiguration={"LocationConstraint": "eu-central-2"})
    make(KINDS[kind], {"bucket": "backups", **flags}, "", "eu-central-2")
    assert cloud.seen(kind, "backups", {"bucket": "backups", **flags}, FACTS) == {"bucket": "backups", **flags}
    store.put_public_access_block(Bucket="backups", PublicAccessBlockConfiguration={"BlockPublicAcls": False})
    assert cloud.seen(kind, "backups", {"bucket": "backups", **flags}, FACTS) == {
        "bucket": "backups",
        **dict.fromkeys(flags, False),
    }
    store.delete_public_access_block(Bucket="backups")
    assert cloud.seen(kind, "backups", {"bucket": "backups", **flags}, FACTS) is None
