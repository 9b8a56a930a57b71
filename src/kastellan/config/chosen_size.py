"""What a stack on a cloud is made with: what the load needs, or what the stack names instead, if that is enough."""

from collections.abc import Sequence
from dataclasses import dataclass

from kastellan.config.stack_problem import reason_at
from kastellan.domain.machine import DatabaseTier, MachineType, database_tiers, machine_types
from kastellan.domain.reason import Reason
from kastellan.domain.service_plan import Platform
from kastellan.domain.sizing import Sizing


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenSize:
    """Machines and database.

    Attributes:
        machine: of the dedicated nodes.
        nodes_per_zone: dedicated nodes in each zone.
        tier: of the database.
        disk: of the database, in GiB.
    """

    machine: MachineType
    nodes_per_zone: int
    tier: DatabaseTier
    disk: int


def chosen_size(
    platform: Platform, sizing: Sizing, *, machine: str | None, nodes: int | None, tier: str | None, disk: int | None
) -> ChosenSize:
    """What is made; names are known to be of the platform, None stands for what the load needs."""
    return ChosenSize(
        machine=next(one for one in machine_types(platform) if one.name == (machine or sizing.machine.name)),
        nodes_per_zone=nodes or sizing.nodes_per_zone,
        tier=next(one for one in database_tiers(platform) if one.name == (tier or sizing.tier.name)),
        disk=disk or sizing.disk,
    )


def too_small(cloud: str, chosen: ChosenSize, sizing: Sizing, *, tier_key: str) -> list[Reason]:
    """Where less is chosen than the load needs.

    Args:
        cloud: key of the stack under which its base is described.
        chosen: what is made.
        sizing: what the load needs.
        tier_key: key of the database's size.
    """
    change = "raise it, remove it, or agree a lower load"
    found = []
    if chosen.nodes_per_zone * chosen.machine.cpu < sizing.nodes_per_zone * sizing.machine.cpu:
        sized = f"{sizing.nodes_per_zone} x {sizing.machine.name}"
        message = f"{chosen.nodes_per_zone} x {chosen.machine.name} a zone is less than the load needs with a zone lost"
        found.append(reason_at(f"{cloud}.machineType", f"{message}, {sized} [DI-2]", change))
    if chosen.tier.cpu < sizing.tier.cpu:
        message = f"{chosen.tier.name} is less than the load needs, {sizing.tier.name} [DI-2]"
        found.append(reason_at(f"{cloud}.{tier_key}", message, change))
    return found


def bad_zones(cloud: str, zones: Sequence[str], region: str, known: Sequence[str], needed: int) -> list[Reason]:
    """What is wrong with the zones that are used.

    Args:
        cloud: key of the stack under which its base is described.
        zones: that are used.
        region: of the base.
        known: all zones of the region.
        needed: how many, three at least.
    """
    path, found = f"{cloud}.zones", []
    if unknown := sorted(set(zones) - set(known)):
        message = f"{', '.join(unknown)} not in {region}, which has {', '.join(known)}"
        found.append(reason_at(path, message, "name zones of the region, or none for its first ones"))
    if len(set(zones)) < needed:
        message = f"{needed} zones are needed, but there are {len(set(zones))} [DI-2]"
        found.append(reason_at(path, message, "name as many zones, lower minimumZones, or take another region"))
    return found
