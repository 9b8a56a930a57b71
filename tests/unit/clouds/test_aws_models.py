"""The simulated AWS refuses what the real one would: a simulation that accepts everything proves nothing."""

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.clouds import judgement
from tests.clouds.aws.kinds import KINDS
from tests.clouds.aws.making import make
from tests.clouds.aws.models import problems
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
