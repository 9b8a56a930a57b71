"""The way in: address, certificate, DNS, and Cloud Armor with the rate limits of the terms (RL-1, RL-2).

The load balancer itself is made by a Gateway in the cluster (see `manifests.google_edge`), which names these parts.
"""

from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_gcp.certificatemanager import (
    Certificate,
    CertificateManagedArgs,
    CertificateMap,
    CertificateMapEntry,
    DnsAuthorization,
)
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
from pulumi_gcp.dns import ManagedZone, ManagedZoneDnssecConfigArgs, RecordSet

from kastellan.domain.google_base import GoogleBase
from kastellan.domain.load import CONSOLE_REQUESTS_PER_SECOND, OTHER_REQUESTS_PER_SECOND

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
        authorisation: the CNAME that proves the domain for the certificate, for a customer who makes the records.
        ready: known once all parts are there that the Gateway names.
    """

    address: pulumi.Output[str]
    authorisation: pulumi.Output[dict[str, str]]
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
        proof = DnsAuthorization("proof", project=args.project, name=base.name("edge"), domain=base.domain, opts=inside)
        certificate = Certificate(
            "certificate",
            project=args.project,
            name=base.name("edge"),
            managed=CertificateManagedArgs(domains=[base.domain], dns_authorizations=[proof.id]),
            labels=base.all_labels,
            opts=inside,
        )
        certificates = CertificateMap(
            "certificates", project=args.project, name=base.name("edge"), labels=base.all_labels, opts=inside
        )
        entry = CertificateMapEntry(
            "certificates",
            project=args.project,
            name=base.name("edge"),
            map=certificates.name,
            hostname=base.domain,
            certificates=[certificate.id],
            labels=base.all_labels,
            opts=inside,
        )
        record = proof.dns_resource_records.apply(lambda records: records[0])
        self.authorisation = record.apply(lambda one: {"name": one.name, "type": one.type, "data": one.data})
        if base.dns_zone:
            self._records(args, address.address, record)
        self.address = address.address
        self.ready = pulumi.Output.all(policy.name, entry.id, address.id).apply(lambda known: str(known[0]))
        self.register_outputs({"address": address.address, "authorisation": self.authorisation})

    def _records(self, args: EdgeArgs, address: pulumi.Output[str], proof: pulumi.Output[Any]) -> None:
        base = args.base
        inside = pulumi.ResourceOptions(parent=self)
        zone: pulumi.Input[str] = base.dns_zone
        if base.create_dns_zone:
            zone = ManagedZone(
                "zone",
                project=args.project,
                name=base.dns_zone,
                dns_name=f"{base.dns_name}.",
                description=f"Public names of {base.installation}",
                dnssec_config=ManagedZoneDnssecConfigArgs(state="on"),
                labels=base.all_labels,
                opts=pulumi.ResourceOptions(parent=self, protect=base.protect),  # its name servers are delegated to
            ).name
        RecordSet(
            "installation",
            project=args.project,
            managed_zone=zone,
            name=f"{base.domain}.",
            type="A",
            ttl=300,
            rrdatas=[address],
            opts=inside,
        )
        RecordSet(
            "proof",
            project=args.project,
            managed_zone=zone,
            name=proof.apply(lambda one: one.name),
            type=proof.apply(lambda one: one.type),
            ttl=300,
            rrdatas=[proof.apply(lambda one: one.data)],
            opts=inside,
        )


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
