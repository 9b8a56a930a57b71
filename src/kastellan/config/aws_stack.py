"""From the keys of a stack on AWS to its base, and to what the installation gets once the base is made."""

import re
from typing import Any

from kastellan.config.aws_model import AwsModel
from kastellan.config.chosen_size import ChosenSize, bad_zones, chosen_size, too_small
from kastellan.config.stack_problem import reason_at
from kastellan.domain.aws_base import API_PORT, LOGIN_PORT, LONGEST_NAME, POD_ADDRESSES, AwsBase, AwsBudget
from kastellan.domain.aws_maintenance import aws_maintenance
from kastellan.domain.aws_network import MOST_ZONES, network_plan, network_problems
from kastellan.domain.aws_region import AWS_REGIONS
from kastellan.domain.contract import Contract
from kastellan.domain.host_names import HostNames
from kastellan.domain.reason import Reason
from kastellan.domain.service_plan import Platform
from kastellan.domain.sizing import Sizing

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
MASTER = "operator"
"""Name of the database's master user, where the stack names none; `init` makes ZITADEL's own role with it."""
_LONGEST_COMMON_NAME = 64
"""Characters of the name that a certificate of ACM is made for; further names of it may be longer.

Source: docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html.
"""


def aws_problems(name: str, hosts: HostNames, model: AwsModel, sizing: Sizing) -> list[Reason]:
    """What does not go with the installation."""
    chosen, zones = chosen_of(model, sizing), zones_of(model, sizing.zones)
    problems = aws_name_problems(name)
    problems += bad_zones("aws", zones, model.region, AWS_REGIONS[model.region], sizing.zones)
    if len(zones) > MOST_ZONES:
        message = f"{len(zones)} zones, of which {MOST_ZONES} can be used"
        problems.append(reason_at("aws.zones", message, "name fewer zones"))
    problems += too_small("aws", chosen, sizing, tier_key="databaseClass")
    problems += [
        reason_at("aws.network", message, "give another range, or correct apartFrom")
        for message in network_problems(model.network, model.apart_from)
    ]
    # A managed node group that is updated may stand twice for a while.
    needed = 2 * chosen.nodes_per_zone * POD_ADDRESSES[chosen.machine.name]
    room = network_plan(model.network, min(len(zones), MOST_ZONES)).addresses_per_zone
    if needed > room:
        message = f"{model.network} has {room} addresses a zone; {chosen.nodes_per_zone} x {chosen.machine.name} take"
        problems.append(reason_at("aws.network", f"{message} {needed} in an update", "give a wider range"))
    return problems + _addon_problems(model) + _way_in_problems(hosts, model)


def _addon_problems(model: AwsModel) -> list[Reason]:
    version = model.addon_versions.kube_proxy
    if not version or version.startswith(f"v{model.kubernetes_version}."):
        return []
    message = f"{version} is for another Kubernetes than kubernetesVersion, {model.kubernetes_version}"
    return [reason_at("aws.addonVersions.kubeProxy", message, f"give one that begins with v{model.kubernetes_version}")]


def aws_name_problems(name: str) -> list[Reason]:
    """What Amazon has against names that begin with the installation's."""
    if len(name) <= LONGEST_NAME and _NAME.fullmatch(name):
        return []
    message = f"the stack's name {name!r} becomes part of names that Amazon limits"
    allowed = f"at most {LONGEST_NAME} characters: a-z, 0-9 and single dashes, a letter first"
    return [reason_at("aws", message, allowed)]


def _way_in_problems(hosts: HostNames, model: AwsModel) -> list[Reason]:
    problems = []
    if model.dns and model.certificate:
        message = "dns, whose zone proves the domain, and a certificate that ACM has issued are both given"
        problems.append(reason_at("aws.certificate", message, "remove one of them"))
    if not model.dns and not model.certificate:
        message = "neither a zone that proves the domain is given, nor a certificate that ACM has issued"
        problems.append(reason_at("aws.dns", message, "give dns.zoneId, so that a certificate is made, or certificate"))
    if model.dns and len(hosts.issuer) > _LONGEST_COMMON_NAME:
        message = f"{hosts.issuer} has {len(hosts.issuer)} characters; ACM issues for {_LONGEST_COMMON_NAME} at most"
        problems.append(reason_at("domain", message, "take a shorter domain, or aws.certificate"))
    if model.certificate and model.certificate.split(":")[3] != model.region:
        message = f"it is not in {model.region}, where the load balancer needs it"
        problems.append(reason_at("aws.certificate", message, "have ACM issue one in the region"))
    if model.budget and not model.alert_emails:
        problems.append(reason_at("aws.budget", "nobody would hear of it", "name alertEmails, or remove it"))
    return problems


def chosen_of(model: AwsModel, sizing: Sizing) -> ChosenSize:
    """What is made: what the load needs, or what the keys name instead."""
    return chosen_size(
        Platform.EKS,
        sizing,
        machine=model.machine_type,
        nodes=model.nodes_per_zone,
        tier=model.database_class,
        disk=model.database_disk,
    )


def zones_of(model: AwsModel, count: int) -> tuple[str, ...]:
    """The zones that are used."""
    return model.zones or AWS_REGIONS[model.region][:count]


def aws_base(name: str, hosts: HostNames, model: AwsModel, sizing: Sizing, contract: Contract | None) -> AwsBase:
    """The base of one installation; the keys are known to be good.

    Args:
        name: of the installation.
        hosts: its names.
        model: the keys.
        sizing: what the load needs.
        contract: for the windows.
    """
    chosen = chosen_of(model, sizing)
    zones = zones_of(model, sizing.zones)
    return AwsBase(
        installation=name,
        hosts=hosts,
        account=model.account,
        region=model.region,
        zones=zones,
        network=network_plan(model.network, len(zones)),
        authorised_networks=tuple(str(cidr) for cidr in model.authorised_networks.values()),
        database_networks=tuple(str(cidr) for cidr in model.database_networks),
        administrators=model.administrators,
        kubernetes_version=model.kubernetes_version,
        addon_versions=tuple(
            (addon.replace("_", "-"), version)
            for addon, version in model.addon_versions.model_dump(exclude_none=True).items()
        ),
        machine_type=chosen.machine.name,
        nodes_per_zone=chosen.nodes_per_zone,
        database_class=chosen.tier.name,
        max_connections=chosen.tier.max_connections,
        database_disk=chosen.disk,
        maintenance=aws_maintenance(contract),
        dns_zone_id=model.dns.zone_id if model.dns else "",
        certificate=model.certificate,
        lock_backups=model.backup.lock,
        budget=AwsBudget(amount=model.budget.amount, emails=model.alert_emails) if model.budget else None,
        escrow=model.escrow,
        alert_emails=model.alert_emails,
        tags=tuple(sorted(model.tags.items())),
        protect=model.protect,
    )


def routing_values(model: AwsModel, zones: int) -> dict[str, Any]:
    """`installation:routing` on AWS: ports of the nodes, open to the subnets of the load balancer alone."""
    public = network_plan(model.network, len(zones_of(model, zones))).public
    return {
        "kind": "none",
        "nodePorts": {"api": API_PORT, "login": LOGIN_PORT, "sources": [str(subnet) for subnet in public]},
    }
