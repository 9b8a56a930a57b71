"""The installation's name: the certificate that proves it, and the record that leads to it."""

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
    made = Certificate(
        "certificate",
        domain_name=base.domain,
        validation_method="DNS",
        key_algorithm="EC_prime256v1",
        tags=base.tagged("edge"),
        opts=inside,
    )
    asked = made.domain_validation_options.apply(lambda options: options[0])
    proof = Record(
        "proof",
        zone_id=base.dns_zone_id,
        name=asked.apply(lambda one: one.resource_record_name),
        type=asked.apply(lambda one: one.resource_record_type),
        records=[asked.apply(lambda one: one.resource_record_value)],
        ttl=300,
        opts=inside,
    )
    issued = CertificateValidation(
        "certificate",
        certificate_arn=made.arn,
        validation_record_fqdns=[proof.fqdn],
        opts=pulumi.ResourceOptions(parent=parent, custom_timeouts=pulumi.CustomTimeouts(create="75m")),
    )
    arn: pulumi.Output[str] = issued.certificate_arn
    return arn


def record(base: AwsBase, balancer: LoadBalancer, parent: pulumi.Resource) -> pulumi.Output[str]:
    """The installation's name, as an alias of the load balancer; its id."""
    made: pulumi.Output[str] = Record(
        "installation",
        zone_id=base.dns_zone_id,
        name=base.domain,
        type="A",
        aliases=[RecordAliasArgs(name=balancer.dns_name, zone_id=balancer.zone_id, evaluate_target_health=False)],
        opts=pulumi.ResourceOptions(parent=parent),
    ).id
    return made
