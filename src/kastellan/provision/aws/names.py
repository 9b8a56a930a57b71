"""The installation's names: the certificate that proves them, and the records that lead to it."""

from collections.abc import Sequence
from typing import Any

import pulumi
from pulumi_aws.acm import Certificate, CertificateValidation
from pulumi_aws.lb import LoadBalancer
from pulumi_aws.route53 import Record, RecordAliasArgs

from kastellan.domain.aws_base import AwsBase


def certificate(base: AwsBase, parent: pulumi.Resource) -> pulumi.Input[str]:
    """ARN of the certificate, known once it is issued: the one that is there, or one that the zone proves.

    A listener refuses a certificate that is not issued, so nothing is made for a zone that is not ours.
    """
    if base.certificate:
        return base.certificate
    inside = pulumi.ResourceOptions(parent=parent)
    further = [name for _, name in base.hosts.further]
    made = Certificate(
        "certificate",
        domain_name=base.hosts.issuer,
        subject_alternative_names=further or None,
        validation_method="DNS",
        key_algorithm="EC_prime256v1",
        tags=base.tagged("edge"),
        opts=inside,
    )
    proofs = [_proof(base, role.part("proof"), _asked(made, name), inside) for role, name in base.hosts.by_role]
    issued = CertificateValidation(
        "certificate",
        certificate_arn=made.arn,
        validation_record_fqdns=[proof.fqdn for proof in proofs],
        opts=pulumi.ResourceOptions(parent=parent, custom_timeouts=pulumi.CustomTimeouts(create="75m")),
    )
    arn: pulumi.Output[str] = issued.certificate_arn
    return arn


def records(base: AwsBase, balancer: LoadBalancer, parent: pulumi.Resource) -> list[pulumi.Output[str]]:
    """Each name, as an alias of the load balancer; their ids."""
    return [
        Record(
            role.part("installation"),
            zone_id=base.dns_zone_id,
            name=name,
            type="A",
            aliases=[RecordAliasArgs(name=balancer.dns_name, zone_id=balancer.zone_id, evaluate_target_health=False)],
            opts=pulumi.ResourceOptions(parent=parent),
        ).id
        for role, name in base.hosts.by_role
    ]


def _asked(made: Certificate, name: str) -> pulumi.Output[Any]:
    """What ACM wants to see of one name; it tells of all of them in an order of its own."""

    def of_name(options: Sequence[Any]) -> Any:
        return next(one for one in options if one.domain_name == name)

    asked: pulumi.Output[Any] = made.domain_validation_options.apply(of_name)
    return asked


def _proof(base: AwsBase, title: str, asked: pulumi.Output[Any], inside: pulumi.ResourceOptions) -> Record:
    return Record(
        title,
        zone_id=base.dns_zone_id,
        name=asked.apply(lambda one: one.resource_record_name),
        type=asked.apply(lambda one: one.resource_record_type),
        records=[asked.apply(lambda one: one.resource_record_value)],
        ttl=300,
        opts=inside,
    )
