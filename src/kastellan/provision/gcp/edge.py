"""The way in: address, certificate, DNS, and Cloud Armor with the rate limits of the terms (RL-1, RL-2).

The load balancer itself is made by a Gateway in the cluster (see `manifests.google_edge`), which names these parts.
"""

from dataclasses import dataclass

import pulumi
from pulumi_gcp.compute import (
    GlobalAddress,
    SecurityPolicy,
    SecurityPolicyRuleArgs,
    SecurityPolicyRuleMatchArgs,
    SecurityPolicyRuleMatchConfigArgs,
    SecurityPolicyRuleMatchExprArgs,
    SecurityPolicyRuleRateLimitOptionsArgs,
    SecurityPolicyRuleRateLimitOptionsRateLimitThresholdArgs,
)

from kastellan.domain.google_base import GoogleBase
from kastellan.domain.load import CONSOLE_REQUESTS_PER_SECOND, OTHER_REQUESTS_PER_SECOND
from kastellan.provision.gcp.names import Names

_MINUTE = 60
"""Seconds over which the limits are averaged."""
_DEFAULT_PRIORITY = 2147483647
"""Google asks for a rule of this priority that matches everybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeArgs:
    """The base, and the project once its APIs are enabled."""

    base: GoogleBase
    project: pulumi.Input[str]


class Edge(pulumi.ComponentResource):
    """Everything before the Gateway.

    Attributes:
        address: public IPv4 address of the installation.
        authorisations: the CNAME that proves each name for its certificate, for a customer who makes the records.
        ready: known once all parts are there that the Gateway names, and the records that lead to it.
    """

    address: pulumi.Output[str]
    authorisations: pulumi.Output[list[dict[str, str]]]
    ready: pulumi.Output[str]

    def __init__(self, name: str, args: EdgeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kastellan:gcp:Edge", name, None, opts)
        base = args.base
        inside = pulumi.ResourceOptions(parent=self)
        address = GlobalAddress(
            "address",
            project=args.project,
            name=base.name("edge"),
            address_type="EXTERNAL",
            ip_version="IPV4",
            opts=pulumi.ResourceOptions(parent=self, protect=base.protect),  # the customer's DNS may point at it
        )
        policy = SecurityPolicy(
            "rate-limits",
            project=args.project,
            name=base.name("edge"),
            description="Rate limits of the terms, per client address",
            type="CLOUD_ARMOR",
            rules=armor_rules(),
            opts=inside,
        )
        names = Names(base=base, project=args.project, parent=self)
        proofs, entries = names.certificates()
        told = [
            proof.apply(lambda one: {"name": one.name, "type": one.type, "data": one.data}) for proof in proofs.values()
        ]
        self.authorisations = pulumi.Output.all(*told).apply(list)
        # The records go after the installation, and stay where that is protected.
        named = names.records(address.address, proofs) if base.dns_zone else []
        self.address = address.address
        self.ready = pulumi.Output.all(policy.name, address.id, *entries, *named).apply(lambda known: str(known[0]))
        self.register_outputs({"address": address.address, "authorisations": self.authorisations})


def armor_rules() -> list[SecurityPolicyRuleArgs]:
    """429 above the limits, per client address and minute: pages of login and console first, then everything."""
    everybody = SecurityPolicyRuleMatchArgs(
        versioned_expr="SRC_IPS_V1", config=SecurityPolicyRuleMatchConfigArgs(src_ip_ranges=["*"])
    )
    pages = SecurityPolicyRuleMatchArgs(
        expr=SecurityPolicyRuleMatchExprArgs(expression="request.path.startsWith('/ui/')")
    )
    return [
        _throttle(1000, "RL-1: pages of login and console", pages, CONSOLE_REQUESTS_PER_SECOND),
        _throttle(2000, "RL-2: everything else", everybody, OTHER_REQUESTS_PER_SECOND),
        SecurityPolicyRuleArgs(priority=_DEFAULT_PRIORITY, description="the rest", action="allow", match=everybody),
    ]


def _throttle(
    priority: int, description: str, match: SecurityPolicyRuleMatchArgs, per_second: int
) -> SecurityPolicyRuleArgs:
    return SecurityPolicyRuleArgs(
        priority=priority,
        description=description,
        action="throttle",
        match=match,
        rate_limit_options=SecurityPolicyRuleRateLimitOptionsArgs(
            conform_action="allow",
            exceed_action="deny(429)",
            enforce_on_key="IP",
            rate_limit_threshold=SecurityPolicyRuleRateLimitOptionsRateLimitThresholdArgs(
                count=per_second * _MINUTE, interval_sec=_MINUTE
            ),
        ),
    )
