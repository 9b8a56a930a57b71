"""What resources on AWS use in a month, by kind: what is sold, how much of it, in which unit (DI-3).

Every kind is either counted here, or named as free, or told as unpriced: a kind that nobody thought of is never free.
Source of what is charged for what: the page "Pricing" of each service under aws.amazon.com, read November 2026.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from kastellan.domain.cost import DEPENDS, HOURS, Counting, Item, Used, each, items_of
from kastellan.domain.declared_resource import DeclaredResource

_NODE_DISK = Decimal(50)
"""GiB; it stands in the launch template."""
FREE = frozenset(
    {
        "aws:acm/certificate:Certificate",
        "aws:acm/certificateValidation:CertificateValidation",
        "aws:autoscaling/attachment:Attachment",
        "aws:budgets/budget:Budget",
        "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        "aws:ec2/internetGateway:InternetGateway",
        "aws:ec2/launchTemplate:LaunchTemplate",
        "aws:ec2/route:Route",
        "aws:ec2/routeTable:RouteTable",
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        "aws:ec2/securityGroup:SecurityGroup",
        "aws:ec2/subnet:Subnet",
        "aws:ec2/vpc:Vpc",
        "aws:eks/accessEntry:AccessEntry",
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        "aws:eks/addon:Addon",
        "aws:iam/policy:Policy",
        "aws:iam/role:Role",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "aws:kms/alias:Alias",
        "aws:lb/listener:Listener",
        "aws:lb/listenerRule:ListenerRule",
        "aws:lb/targetGroup:TargetGroup",
        "aws:rds/parameterGroup:ParameterGroup",
        "aws:rds/subnetGroup:SubnetGroup",
        "aws:route53/record:Record",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "aws:s3/bucketVersioning:BucketVersioning",
        "aws:secretsmanager/secretVersion:SecretVersion",
        "aws:sns/topic:Topic",
        "aws:sns/topicSubscription:TopicSubscription",
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "aws:wafv2/webAclAssociation:WebAclAssociation",
    }
)
"""Kinds that cost nothing by themselves."""


def aws_items(resources: Iterable[DeclaredResource]) -> tuple[Item, ...]:
    """What the resources of a base use in a month; what is not known yet is told as such. By part and SKU."""
    return items_of((one for one in resources if one.cloud == "aws"), FREE, _COUNTED)


def aws_region(resources: Iterable[DeclaredResource]) -> str:
    """Region of the base, as its zones tell it; empty where there is none."""
    zones = (one.inputs.get("availabilityZone") for one in resources if one.kind == "aws:ec2/subnet:Subnet")
    return str(next(zones, None) or "").rstrip("abcdef")


def _cluster(inputs: Mapping[str, Any]) -> Used:
    yield "eks-cluster", HOURS, "hour"  # extended support is more, but only once standard support has ended


def _nodes(inputs: Mapping[str, Any]) -> Used:
    count = Decimal(inputs["scalingConfig"]["desiredSize"])
    yield inputs["instanceTypes"][0], HOURS * count, "hour"
    yield "ebs-gp3", _NODE_DISK * count, "GiB month"


def _database(inputs: Mapping[str, Any]) -> Used:
    standby = "-multi-az" if inputs.get("multiAz") else ""
    yield f"{inputs['instanceClass']}-postgres{standby}", HOURS, "hour"
    disk = Decimal(inputs["allocatedStorage"])
    yield f"rds-gp3{standby}", disk, "GiB month"
    yield "rds-backup", disk, "GiB month"  # one disk is free, and 35 days of changes are taken as another


def _endpoint(inputs: Mapping[str, Any]) -> Used:
    if inputs["vpcEndpointType"] == "Interface":
        if not inputs["subnetIds"]:
            raise ValueError("it is not known in how many zones it stands")
        yield "vpc-interface-endpoint", HOURS * len(inputs["subnetIds"]), "hour"


def _acl(inputs: Mapping[str, Any]) -> Used:
    yield "waf-web-acl", Decimal(1), "month"
    yield "waf-rule", Decimal(len(inputs["rules"])), "month"


def _balancer(inputs: Mapping[str, Any]) -> Used:
    yield "application-load-balancer", HOURS, "hour"
    yield "application-load-balancer-capacity", Decimal(1), DEPENDS


_COUNTED: Mapping[str, Counting] = {
    "aws:cloudwatch/logGroup:LogGroup": each("cloudwatch-logs", unit=DEPENDS),
    "aws:cloudwatch/metricAlarm:MetricAlarm": each("cloudwatch-alarm"),
    "aws:ec2/eip:Eip": each("public-ipv4-address", HOURS, "hour"),
    "aws:ec2/flowLog:FlowLog": each("vpc-flow-log", unit=DEPENDS),
    "aws:ec2/natGateway:NatGateway": each("nat-gateway", HOURS, "hour"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint,
    "aws:eks/cluster:Cluster": _cluster,
    "aws:eks/nodeGroup:NodeGroup": _nodes,
    "aws:kms/key:Key": each("kms-key"),
    "aws:lb/loadBalancer:LoadBalancer": _balancer,
    "aws:rds/instance:Instance": _database,
    "aws:route53/healthCheck:HealthCheck": each("health-check-https"),
    "aws:s3/bucket:Bucket": each("s3-standard", unit=DEPENDS),
    "aws:secretsmanager/secret:Secret": each("secret"),
    "aws:wafv2/webAcl:WebAcl": _acl,
}
