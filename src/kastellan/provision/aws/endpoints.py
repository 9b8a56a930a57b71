"""Private ways to the services of Amazon's that nodes need, and a record of what the network refused (DI-1)."""

from dataclasses import dataclass

import pulumi
from pulumi_aws.cloudwatch import LogGroup
from pulumi_aws.ec2 import FlowLog, SecurityGroup, VpcEndpoint
from pulumi_aws.iam import Role, RolePolicy
from pulumi_aws.vpc import SecurityGroupIngressRule

from kastellan.domain.aws_base import AwsBase
from kastellan.provision.aws.network import Network
from kastellan.provision.aws.policy import allow, trusted_by

_SERVICES = ("ec2", "ecr.api", "ecr.dkr", "eks-auth", "logs", "sts")
"""What a node asks: docs.aws.amazon.com/eks/latest/userguide/private-clusters.html."""
_DAYS = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointsArgs:
    """The base, and its network."""

    base: AwsBase
    network: Network


class Endpoints(pulumi.ComponentResource):
    """Nodes pull images and fetch credentials without the internet, so that losing NAT stops none of it.

    Attributes:
        ready: known once all endpoints are there, and may be asked.
    """

    ready: pulumi.Output[list[str]]

    def __init__(self, name: str, args: EndpointsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kastellan:aws:Endpoints", name, None, opts)
        base, network = args.base, args.network
        inside = pulumi.ResourceOptions(parent=self)
        group = SecurityGroup(
            "endpoints",
            name=base.name("endpoints"),
            description="Endpoints of Amazon's services",
            vpc_id=network.vpc_id,
            tags=base.tagged("endpoints"),
            opts=inside,
        )
        admitted = SecurityGroupIngressRule(
            "endpoints",
            security_group_id=group.id,
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            cidr_ipv4=str(base.network.whole),
            tags=base.tagged("endpoints"),
            opts=inside,
        )
        made = [
            VpcEndpoint(
                service.replace(".", "-"),
                vpc_id=network.vpc_id,
                service_name=f"com.amazonaws.{base.region}.{service}",
                vpc_endpoint_type="Interface",
                private_dns_enabled=True,
                subnet_ids=network.private,
                security_group_ids=[group.id],
                tags=base.tagged(service),
                opts=inside,
            )
            for service in _SERVICES
        ]
        made.append(
            VpcEndpoint(
                "s3",
                vpc_id=network.vpc_id,
                service_name=f"com.amazonaws.{base.region}.s3",
                vpc_endpoint_type="Gateway",
                route_table_ids=network.private_tables,
                tags=base.tagged("s3"),
                opts=inside,
            )
        )
        self._flow_log(base, network)
        self.ready = pulumi.Output.all(admitted.id, *[endpoint.id for endpoint in made]).apply(list)
        self.register_outputs({"ready": self.ready})

    def _flow_log(self, base: AwsBase, network: Network) -> None:
        inside = pulumi.ResourceOptions(parent=self)
        log = LogGroup(
            "flows",
            name=f"/vpc/{base.name()}/flows",
            retention_in_days=_DAYS,
            tags=base.tagged("flows"),
            opts=inside,
        )
        role = Role(
            "flows",
            name=base.name("flows"),
            assume_role_policy=trusted_by("vpc-flow-logs.amazonaws.com"),
            tags=base.tagged("flows"),
            opts=inside,
        )
        grant = RolePolicy(
            "flows",
            name="write",
            role=role.name,
            policy=log.arn.apply(
                lambda arn: allow(
                    "logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams", on=[f"{arn}:*"]
                )
            ),
            opts=inside,
        )
        FlowLog(
            "flows",
            vpc_id=network.vpc_id,
            traffic_type="REJECT",
            log_destination_type="cloud-watch-logs",
            log_destination=log.arn,
            iam_role_arn=role.arn,
            max_aggregation_interval=600,
            tags=base.tagged("flows"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[grant]),
        )
