"""From the keys of a stack on AWS to its base, and to what the installation gets once the base is made."""

from typing import Any

from kastellan.config.aws_model import AwsModel
from kastellan.domain.aws_base import API_PORT, LOGIN_PORT, LONGEST_NAME, POD_ADDRESSES, AwsBase, AwsBudget
from kastellan.domain.aws_maintenance import aws_maintenance
from kastellan.domain.aws_network import MOST_ZONES, network_plan
from kastellan.domain.aws_region import AWS_REGIONS
from kastellan.domain.contract import Contract
from kastellan.domain.machine import database_tiers, machine_types
from kastellan.domain.service_plan import Platform
from kastellan.domain.sizing import Sizing

MASTER = "operator"
"""Name of the database's master user, where the stack names none; `init` makes ZITADEL's own role with it."""


def aws_problems(name: str, model: AwsModel, sizing: Sizing) -> list[tuple[str, str, str]]:
    """What does not go with the installation: path, message, remediation."""
    problems = []
    if len(name) > LONGEST_NAME or not name[0].isalpha() or "--" in name:
        message = f"the stack's name {name!r} becomes part of names that Amazon limits"
        problems.append(("aws", message, f"at most {LONGEST_NAME} characters, a letter first, no two dashes in a row"))
    machine = next(m for m in machine_types(Platform.EKS) if m.name == (model.machine_type or sizing.machine.name))
    nodes = model.nodes_per_zone or sizing.nodes_per_zone
    if nodes * machine.cpu < sizing.nodes_per_zone * sizing.machine.cpu:
        sized = f"{sizing.nodes_per_zone} x {sizing.machine.name}"
        message = f"{nodes} x {machine.name} a zone is less than the load needs with a zone lost, {sized} [DI-2]"
        problems.append(("aws.machineType", message, "raise it, remove it, or agree a lower load"))
    tier = next(t for t in database_tiers(Platform.EKS) if t.name == (model.database_class or sizing.tier.name))
    if tier.cpu < sizing.tier.cpu:
        message = f"{tier.name} is less than the load needs, {sizing.tier.name} [DI-2]"
        problems.append(("aws.databaseClass", message, "raise it, remove it, or agree a lower load"))
    zones = zones_of(model, sizing.zones)
    if len(set(zones)) < sizing.zones or len(zones) > MOST_ZONES:
        message = f"minimumZones asks for {sizing.zones} of {len(set(zones))} zones; at most {MOST_ZONES} are used"
        problems.append(("aws.zones", message, "name as many zones, or take another region"))
        return problems
    # A managed node group that is updated may stand twice for a while.
    needed, room = 2 * nodes * POD_ADDRESSES[machine.name], network_plan(model.network, len(zones)).addresses_per_zone
    if needed > room:
        message = f"{model.network} has {room} addresses a zone; {nodes} x {machine.name} take {needed} in an update"
        problems.append(("aws.network", message, "give a wider range"))
    return problems


def zones_of(model: AwsModel, count: int) -> tuple[str, ...]:
    """The zones that are used."""
    return model.zones or AWS_REGIONS[model.region][:count]


def aws_base(name: str, domain: str, model: AwsModel, sizing: Sizing, contract: Contract | None) -> AwsBase:
    """The base of one installation; the keys are known to be good.

    Args:
        name: of the installation.
        domain: its host name.
        model: the keys.
        sizing: what the load needs.
        contract: for the windows.
    """
    tier = next(t for t in database_tiers(Platform.EKS) if t.name == (model.database_class or sizing.tier.name))
    zones = zones_of(model, sizing.zones)
    return AwsBase(
        installation=name,
        domain=domain,
        account=model.account,
        region=model.region,
        zones=zones,
        network=network_plan(model.network, len(zones)),
        authorised_networks=tuple(str(cidr) for cidr in model.authorised_networks.values()),
        database_networks=tuple(str(cidr) for cidr in model.database_networks),
        administrators=model.administrators,
        kubernetes_version=model.kubernetes_version,
        machine_type=model.machine_type or sizing.machine.name,
        nodes_per_zone=model.nodes_per_zone or sizing.nodes_per_zone,
        database_class=tier.name,
        max_connections=tier.max_connections,
        database_disk=model.database_disk or sizing.disk,
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
