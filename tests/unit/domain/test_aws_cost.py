"""What a base on AWS uses in a month."""

from decimal import Decimal
from typing import Any

import pytest

from kastellan.config.price_file import packaged_prices
from kastellan.domain.aws_cost import aws_items, aws_region
from kastellan.domain.cost import bill_of
from kastellan.domain.declared_resource import DeclaredResource
from tests.clouds.reflection_file import shapes


def _one(kind: str, **inputs: Any) -> DeclaredResource:
    return DeclaredResource(urn=f"urn:pulumi:s::p::kastellan:aws:Part${kind}::it", kind=kind, inputs=inputs)


def _used(*resources: DeclaredResource) -> dict[str, tuple[Decimal, str]]:
    return {item.sku: (item.quantity, item.unit) for item in aws_items(resources) if item.part != "traffic"}


def test_every_kind_of_the_simulated_cloud_is_counted_or_named_as_free() -> None:
    one = (DeclaredResource(urn="a::b::c::d", kind=kind, inputs={}) for kind in shapes("aws"))
    assert [item.sku for item in aws_items(one) if item.unit == "month" and item.sku.startswith("aws:")] == []


@pytest.mark.parametrize(
    ("resource", "used"),
    [
        (_one("aws:eks/nodeGroup:NodeGroup", scalingConfig={"desiredSize": 2}, instanceTypes=["m7i.xlarge"]),
         {"m7i.xlarge": (Decimal(1460), "hour"), "ebs-gp3": (Decimal(100), "GiB month")}),
        (_one("aws:rds/instance:Instance", multiAz=True, instanceClass="db.m6i.large", allocatedStorage=100),
         {"db.m6i.large-postgres-multi-az": (Decimal(730), "hour"), "rds-gp3-multi-az": (Decimal(100), "GiB month"),
          "rds-backup": (Decimal(100), "GiB month")}),
        (_one("aws:ec2/vpcEndpoint:VpcEndpoint", vpcEndpointType="Interface", subnetIds=["a", "b", "c"]),
         {"vpc-interface-endpoint": (Decimal(2190), "hour")}),
        (_one("aws:ec2/vpcEndpoint:VpcEndpoint", vpcEndpointType="Gateway"), {}),
        (_one("aws:ec2/vpcEndpoint:VpcEndpoint", vpcEndpointType="Interface", subnetIds=[]),
         {"aws:ec2/vpcEndpoint:VpcEndpoint": (Decimal(1), "not known before it is made")}),
        (_one("aws:wafv2/webAcl:WebAcl", rules=[{}, {}]),
         {"waf-web-acl": (Decimal(1), "month"), "waf-rule": (Decimal(2), "month")}),
        (_one("aws:elasticache/cluster:Cluster"), {"aws:elasticache/cluster:Cluster": (Decimal(1), "month")}),
    ],
)  # fmt: skip
def test_so_much_of_it_is_used(resource: DeclaredResource, used: dict[str, tuple[Decimal, str]]) -> None:
    assert _used(resource) == used


def test_what_nobody_counts_or_knows_yet_makes_the_sum_a_lower_bound() -> None:
    resources = [_one("aws:eks/cluster:Cluster"), _one("aws:elasticache/cluster:Cluster")]
    bill = bill_of(aws_items(resources), packaged_prices(), "eu-central-2")
    assert [row.item.sku for row in bill.unpriced if row.item.part != "traffic"] == ["aws:elasticache/cluster:Cluster"]
    assert bill.total == Decimal(730) * Decimal("0.10")


def test_the_region_is_the_one_of_the_subnets() -> None:
    assert aws_region([_one("aws:ec2/subnet:Subnet", availabilityZone="eu-central-2b")]) == "eu-central-2"
    assert aws_region([]) == ""
