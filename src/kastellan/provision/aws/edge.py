"""The way in: a load balancer before ports of the nodes, its certificate, DNS, and the rate limits (RL-1, RL-2).

No controller is installed for it (ADR 5): targets are the scaling groups of ZITADEL's nodes, whose Services listen on
fixed ports and only where a pod is ready. `/debug` is nobody's business outside and ends at the load balancer.
"""

from dataclasses import dataclass

import pulumi
from pulumi_aws.autoscaling import Attachment
from pulumi_aws.ec2 import SecurityGroup
from pulumi_aws.lb import (
    Listener,
    ListenerDefaultActionArgs,
    ListenerDefaultActionRedirectArgs,
    LoadBalancer,
    TargetGroup,
    TargetGroupHealthCheckArgs,
)
from pulumi_aws.vpc import SecurityGroupEgressRule, SecurityGroupIngressRule
from pulumi_aws.wafv2 import WebAclAssociation

from kastellan.domain.aws_base import API_PORT, LOGIN_PORT, AwsBase
from kastellan.provision.aws.names import certificate, records
from kastellan.provision.aws.network import EVERYBODY
from kastellan.provision.aws.rate_limits import rate_limits
from kastellan.provision.aws.routes import rules

_ONE_HOUR = 3600
"""Seconds; the longest request is a stream of events, which clients open anew."""
_TLS = "ELBSecurityPolicy-TLS13-1-2-2021-06"
"""TLS 1.3 and 1.2 with forward secrecy."""
_TARGETS = (
    # name, port of the nodes, version of HTTP towards the pods, path of the check
    ("api", API_PORT, "HTTP1", "/debug/ready"),
    ("api-grpc", API_PORT, "GRPC", "/AWS.ALB/healthcheck"),
    ("login", LOGIN_PORT, "HTTP1", "/ui/v2/login/security"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeArgs:
    """The base, where the load balancer stands, and the nodes behind it."""

    base: AwsBase
    vpc_id: pulumi.Input[str]
    subnets: list[pulumi.Output[str]]
    nodes_group_id: pulumi.Input[str]
    scaling_groups: list[pulumi.Output[str]]


class Edge(pulumi.ComponentResource):
    """Everything before the nodes.

    Attributes:
        address: name of the load balancer, for a customer who makes the record.
        balancer: what metrics call it.
        ready: known once requests would reach the nodes, under the installation's name.
    """

    address: pulumi.Output[str]
    balancer: pulumi.Output[str]
    ready: pulumi.Output[str]

    def __init__(self, name: str, args: EdgeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kastellan:aws:Edge", name, None, opts)
        base = args.base
        inside = pulumi.ResourceOptions(parent=self)
        balancer = LoadBalancer(
            "edge",
            name=base.name("edge"),
            load_balancer_type="application",
            internal=False,
            subnets=args.subnets,
            security_groups=[self._group(args)],
            idle_timeout=_ONE_HOUR,
            drop_invalid_header_fields=True,
            enable_deletion_protection=base.protect,
            tags=base.tagged("edge"),
            opts=pulumi.ResourceOptions(parent=self, protect=base.protect),  # the customer's DNS may point at it
        )
        targets, tied = self._targets(args)
        listener = Listener(
            "https",
            load_balancer_arn=balancer.arn,
            port=443,
            protocol="HTTPS",
            ssl_policy=_TLS,
            certificate_arn=certificate(base, self),
            default_actions=[ListenerDefaultActionArgs(type="forward", target_group_arn=targets["api"])],
            tags=base.tagged("https"),
            opts=inside,
        )
        redirect = Listener(
            "http",
            load_balancer_arn=balancer.arn,
            port=80,
            protocol="HTTP",
            default_actions=[
                ListenerDefaultActionArgs(
                    type="redirect",
                    redirect=ListenerDefaultActionRedirectArgs(protocol="HTTPS", port="443", status_code="HTTP_301"),
                )
            ],
            tags=base.tagged("http"),
            opts=inside,
        )
        routed = rules(base, listener, targets, self)
        limits = WebAclAssociation(
            "rate-limits", resource_arn=balancer.arn, web_acl_arn=rate_limits(base, inside).arn, opts=inside
        )
        ways = [redirect.id, limits.id, *routed, *tied]
        if base.dns_zone_id:
            ways += records(base, balancer, self)
        self.address, self.balancer = balancer.dns_name, balancer.arn_suffix
        # What leads to the nodes goes after the installation, and stays where that is protected.
        self.ready = pulumi.Output.all(balancer.arn, *ways).apply(lambda known: str(known[0]))
        self.register_outputs({"address": balancer.dns_name})

    def _group(self, args: EdgeArgs) -> pulumi.Output[str]:
        """Everybody may ask; the load balancer itself may ask only the nodes."""
        base = args.base
        inside = pulumi.ResourceOptions(parent=self)
        group = SecurityGroup(
            "edge",
            name=base.name("edge"),
            description="The load balancer",
            vpc_id=args.vpc_id,
            tags=base.tagged("edge"),
            opts=inside,
        )
        opened = [
            SecurityGroupIngressRule(
                title,
                security_group_id=group.id,
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                cidr_ipv4=EVERYBODY,
                tags=base.tagged(f"edge-{title}"),
                opts=inside,
            ).id
            for title, port in (("https", 443), ("http", 80))
        ]
        first, last = sorted((API_PORT, LOGIN_PORT))
        asking = SecurityGroupEgressRule(
            "nodes",
            security_group_id=group.id,
            ip_protocol="tcp",
            from_port=first,
            to_port=last,
            referenced_security_group_id=args.nodes_group_id,
            tags=base.tagged("edge-nodes"),
            opts=inside,
        )
        admitted = SecurityGroupIngressRule(
            "nodes",
            security_group_id=args.nodes_group_id,
            ip_protocol="tcp",
            from_port=first,
            to_port=last,
            referenced_security_group_id=group.id,
            tags=base.tagged("nodes-edge"),
            opts=inside,
        )
        return pulumi.Output.all(group.id, asking.id, admitted.id, *opened).apply(lambda known: str(known[0]))

    def _targets(self, args: EdgeArgs) -> tuple[dict[str, pulumi.Output[str]], list[pulumi.Output[str]]]:
        """Target groups by name, and what is known once all of ZITADEL's nodes are in them."""
        # Nodes leave the load balancer when they go: before, they may have the only pods of their zone.
        going_along = pulumi.ResourceOptions(parent=self, retain_on_delete=True)
        groups = {title: self._target(args, title, port, version, path) for title, port, version, path in _TARGETS}
        tied = [
            Attachment(
                f"{title}-{number}", autoscaling_group_name=nodes, lb_target_group_arn=group, opts=going_along
            ).id
            for title, group in groups.items()
            for number, nodes in enumerate(args.scaling_groups, start=1)
        ]
        return groups, tied

    def _target(self, args: EdgeArgs, title: str, port: int, version: str, path: str) -> pulumi.Output[str]:
        """A target group.

        The check cannot send the external host name, and a foreign one is answered with 404: so that counts as well.
        Whether a pod is ready is decided before, because a node without one does not answer at all.
        """
        base = args.base
        arn: pulumi.Output[str] = TargetGroup(
            title,
            name=base.name(title),
            target_type="instance",
            vpc_id=args.vpc_id,
            port=port,
            protocol="HTTP",
            protocol_version=version,
            deregistration_delay=60,
            load_balancing_algorithm_type="least_outstanding_requests",
            health_check=TargetGroupHealthCheckArgs(
                enabled=True,
                protocol="HTTP",
                path=path,
                matcher="0-99" if version == "GRPC" else "200,404",
                interval=5,
                timeout=3,
                healthy_threshold=2,
                unhealthy_threshold=2,
            ),
            tags=base.tagged(title),
            opts=pulumi.ResourceOptions(parent=self),
        ).arn
        return arn
