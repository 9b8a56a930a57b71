"""From the keys of a stack on Google Cloud to its base, and to what the installation gets once the base is made."""

from datetime import datetime
from typing import Any

from kastellan.config.google_model import GoogleModel
from kastellan.domain.contract import Contract
from kastellan.domain.google_base import LONGEST_NAME, Budget, GoogleBase, NewProject
from kastellan.domain.google_maintenance import google_maintenance
from kastellan.domain.google_network import network_plan
from kastellan.domain.google_region import GOOGLE_REGIONS
from kastellan.domain.machine import database_tiers, machine_types
from kastellan.domain.service_plan import Platform
from kastellan.domain.sizing import Sizing

GATEWAY = "zitadel"
"""Name of the Gateway that is made."""


def google_problems(name: str, model: GoogleModel, sizing: Sizing) -> list[tuple[str, str, str]]:
    """What does not go with the installation: path, message, remediation."""
    problems = []
    if len(name) > LONGEST_NAME or not name[0].isalpha():
        message = f"the stack's name {name!r} becomes part of names that Google limits"
        problems.append(("google", message, f"at most {LONGEST_NAME} characters, beginning with a letter"))
    machine = next(m for m in machine_types(Platform.GKE) if m.name == (model.machine_type or sizing.machine.name))
    nodes = model.nodes_per_zone or sizing.nodes_per_zone
    if nodes * machine.cpu < sizing.nodes_per_zone * sizing.machine.cpu:
        sized = f"{sizing.nodes_per_zone} x {sizing.machine.name}"
        message = f"{nodes} x {machine.name} a zone is less than the load needs with a zone lost, {sized} [DI-2]"
        problems.append(("google.machineType", message, "raise it, remove it, or agree a lower load"))
    tier = next(t for t in database_tiers(Platform.GKE) if t.name == (model.database_tier or sizing.tier.name))
    if tier.cpu < sizing.tier.cpu:
        message = f"{tier.name} is less than the load needs, {sizing.tier.name} [DI-2]"
        problems.append(("google.databaseTier", message, "raise it, remove it, or agree a lower load"))
    most = network_plan(model.network).most_nodes
    if 2 * sizing.zones * (nodes + 1) > most:
        message = f"{model.network} holds {most} nodes; {2 * sizing.zones * (nodes + 1)} stand there during an upgrade"
        problems.append(("google.network", message, "give a wider range"))
    if model.zones and len(set(model.zones)) < sizing.zones:
        problems.append(("google.zones", f"minimumZones asks for {sizing.zones}", "name as many zones"))
    return problems


def google_base(
    name: str, domain: str, model: GoogleModel, sizing: Sizing, contract: Contract | None, now: datetime
) -> GoogleBase:
    """The base of one installation; the keys are known to be good.

    Args:
        name: of the installation.
        domain: its host name.
        model: the keys.
        sizing: what the load needs.
        contract: for the windows.
        now: closed times that are over are left out.
    """
    tier = next(t for t in database_tiers(Platform.GKE) if t.name == (model.database_tier or sizing.tier.name))
    project, budget, dns = model.new_project, model.budget, model.dns
    return GoogleBase(
        installation=name,
        domain=domain,
        project=model.project,
        new_project=NewProject(**project.model_dump()) if project else None,
        region=model.region,
        zones=model.zones or GOOGLE_REGIONS[model.region][: sizing.zones],
        network=network_plan(model.network),
        authorised_networks=tuple((title, str(cidr)) for title, cidr in model.authorised_networks.items()),
        private_endpoint=model.private_endpoint,
        release_channel=model.release_channel,
        machine_type=model.machine_type or sizing.machine.name,
        nodes_per_zone=model.nodes_per_zone or sizing.nodes_per_zone,
        database_tier=tier.name,
        max_connections=tier.max_connections,
        database_disk=model.database_disk or sizing.disk,
        maintenance=google_maintenance(contract, now),
        dns_zone=dns.zone if dns else "",
        create_dns_zone=bool(dns and dns.create),
        dns_name=(dns.create or "") if dns else "",
        backup_location=model.backup.location or model.region,
        lock_backups=model.backup.lock,
        budget=Budget(**budget.model_dump()) if budget else None,
        escrow=model.escrow,
        alert_emails=model.alert_emails,
        labels=tuple(sorted(model.labels.items())),
        protect=model.protect,
    )


def routing_values(name: str) -> dict[str, Any]:
    """`installation:routing` on Google Cloud: a Gateway of our own behind Google's load balancer."""
    google = {"certificateMap": f"{name}-edge", "securityPolicy": f"{name}-edge", "address": f"{name}-edge"}
    return {"kind": "gateway", "gateway": GATEWAY, "google": google}
