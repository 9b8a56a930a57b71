"""From the keys of a stack on Google Cloud to its base, and to what the installation gets once the base is made."""

import re
from datetime import datetime
from typing import Any

from kastellan.config.chosen_size import ChosenSize, bad_zones, chosen_size, too_small
from kastellan.config.google_model import GoogleModel
from kastellan.config.stack_problem import reason_at
from kastellan.domain.contract import Contract
from kastellan.domain.google_base import LONGEST_NAME, Budget, GoogleBase, NewProject
from kastellan.domain.google_maintenance import google_maintenance
from kastellan.domain.google_network import network_plan, network_problems
from kastellan.domain.google_region import GOOGLE_REGIONS
from kastellan.domain.host_names import HostNames
from kastellan.domain.reason import Reason
from kastellan.domain.service_plan import Platform
from kastellan.domain.sizing import Sizing

_NAME = re.compile(r"[a-z]([a-z0-9-]*[a-z0-9])?")
GATEWAY = "zitadel"
"""Name of the Gateway that is made."""


def google_problems(name: str, hosts: HostNames, model: GoogleModel, sizing: Sizing) -> list[Reason]:
    """What does not go with the installation."""
    chosen = chosen_of(model, sizing)
    problems = google_name_problems(name)
    problems += bad_zones("google", _zones(model, sizing), model.region, GOOGLE_REGIONS[model.region], sizing.zones)
    problems += too_small("google", chosen, sizing, tier_key="databaseTier")
    problems += [
        reason_at("google.network", message, "give another range, or correct apartFrom")
        for message in network_problems(model.network, model.apart_from)
    ]
    # An upgrade of a pool brings a surge node, and its old and new nodes may stand at once.
    standing, most = 2 * sizing.zones * (chosen.nodes_per_zone + 1), network_plan(model.network).most_nodes
    if standing > most:
        message = f"{model.network} holds {most} nodes; {standing} stand there during an upgrade"
        problems.append(reason_at("google.network", message, "give a wider range"))
    zone = model.dns.create if model.dns else None
    if zone and (outside := [name for name in hosts.every if not f".{name}".endswith(f".{zone}")]):
        lie = "does" if len(outside) == 1 else "do"
        message = f"{', '.join(outside)} {lie} not lie in {zone}, so the zone cannot hold the records"
        problems.append(reason_at("google.dns.create", message, "create a zone that domain lies in"))
    if model.budget and not model.new_project and not model.budget.project_number:
        told = f"gcloud projects describe {model.project} --format='value(projectNumber)'"
        message = "Google's budgets name a project by its number, and this one is there already"
        problems.append(reason_at("google.budget.projectNumber", message, f"add what this tells: {told}"))
    return problems


def google_name_problems(name: str) -> list[Reason]:
    """What Google has against names that begin with the installation's."""
    if len(name) <= LONGEST_NAME and _NAME.fullmatch(name):
        return []
    message = f"the stack's name {name!r} becomes part of names that Google limits"
    return [reason_at("google", message, f"at most {LONGEST_NAME} characters: a-z, 0-9 and dashes, a letter first")]


def chosen_of(model: GoogleModel, sizing: Sizing) -> ChosenSize:
    """What is made: what the load needs, or what the keys name instead."""
    return chosen_size(
        Platform.GKE,
        sizing,
        machine=model.machine_type,
        nodes=model.nodes_per_zone,
        tier=model.database_tier,
        disk=model.database_disk,
    )


def _zones(model: GoogleModel, sizing: Sizing) -> tuple[str, ...]:
    return model.zones or GOOGLE_REGIONS[model.region][: sizing.zones]


def google_base(
    name: str, hosts: HostNames, model: GoogleModel, sizing: Sizing, contract: Contract | None, now: datetime
) -> GoogleBase:
    """The base of one installation; the keys are known to be good.

    Args:
        name: of the installation.
        hosts: its names.
        model: the keys.
        sizing: what the load needs.
        contract: for the windows.
        now: closed times that are over are left out.
    """
    chosen = chosen_of(model, sizing)
    project, budget, dns = model.new_project, model.budget, model.dns
    return GoogleBase(
        installation=name,
        hosts=hosts,
        project=model.project,
        new_project=NewProject(**project.model_dump()) if project else None,
        region=model.region,
        zones=_zones(model, sizing),
        network=network_plan(model.network),
        authorised_networks=tuple((title, str(cidr)) for title, cidr in model.authorised_networks.items()),
        private_endpoint=model.private_endpoint,
        release_channel=model.release_channel,
        machine_type=chosen.machine.name,
        nodes_per_zone=chosen.nodes_per_zone,
        database_tier=chosen.tier.name,
        max_connections=chosen.tier.max_connections,
        database_disk=chosen.disk,
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
