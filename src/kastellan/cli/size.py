"""`kastellan size`: what a load needs, with the source of each number."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kastellan.domain.errors import InvalidInputError
from kastellan.domain.service_plan import Platform, ServicePlan

if TYPE_CHECKING:
    from kastellan.config.chosen_size import ChosenSize
    from kastellan.domain.sizing import Sizing


@click.command()
@click.argument("stack", required=False)
@click.option("--users", type=click.IntRange(min=0), help="People who may log in; instead of the stack's load.")
@click.option("--logins", type=click.FloatRange(min=0), help="Logins a second at the peak; derived from the users.")
@click.option("--requests", type=click.FloatRange(min=0), default=0.0, help="Requests a second beside logins.")
@click.option("--clients", type=click.IntRange(min=0), default=1, help="Addresses at both rate limits (RL-1, RL-2).")
@click.option("--plan", type=click.Choice([plan.value for plan in ServicePlan]), help="Plan instead of the stack's.")
@click.option("--platform", type=click.Choice([p.value for p in Platform]), help="Platform instead of the stack's.")
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
def size(
    stack: str | None,
    users: int | None,
    logins: float | None,
    requests: float,
    clients: int,
    plan: str | None,
    platform: str | None,
    *,
    as_json: bool,
) -> None:
    """Show replicas, nodes, database and connections of STACK, or of a load given by --users, with the reasoning.

    Sized such that losing any one zone leaves the load served (DI-2). Numbers that nobody published are marked as
    assumption or decision.
    """
    from kastellan.config.stack_file import find_project, read_stack_file
    from kastellan.domain.load import Load
    from kastellan.domain.sizing import size_for

    if users is None and logins is not None:
        raise InvalidInputError("--logins needs --users as well")
    if stack is None and users is None:
        raise InvalidInputError("name a stack, or give a load by --users")
    config = read_stack_file(stack, project=find_project(Path.cwd())).parse() if stack else None
    found, made = (config.sizing, config.made) if config else (None, None)
    if found is None or users is not None or plan or platform:
        if users is None:
            raise InvalidInputError("--plan and --platform ask about another size: give its load by --users")
        load = Load(users=users, logins_per_second=logins, requests_per_second=requests, clients_at_limit=clients)
        found, made = (
            size_for(
                load,
                plan=ServicePlan(plan) if plan else found.plan if found else ServicePlan.STANDARD,
                platform=Platform(platform) if platform else found.platform if found else Platform.GKE,
                zones=found.zones if found else 3,
            ),
            None,
        )
    click.echo(_json(found, made) if as_json else _text(found, made), nl=False)


def _json(sizing: "Sizing", made: "ChosenSize | None") -> str:
    document = {
        "platform": sizing.platform.value,
        "plan": sizing.plan.value,
        "zones": sizing.zones,
        "size": sizing.size_name.value,
        "replicas": sizing.size.replicas,
        "nodesPerZone": sizing.nodes_per_zone,
        "machineType": sizing.machine.name,
        "databaseTier": sizing.tier.name,
        "databaseDiskGiB": sizing.disk,
        "connections": sizing.connections,
        "maxConnections": sizing.tier.max_connections,
        "loginsPerSecondAfterZoneLoss": round(sizing.logins_after_zone_loss, 2),
        "made": made
        and {
            "nodesPerZone": made.nodes_per_zone,
            "machineType": made.machine.name,
            "databaseTier": made.tier.name,
            "databaseDiskGiB": made.disk,
        },
        "reasoning": [
            {"what": step.what, "value": step.value, "because": step.because, "source": step.source}
            for step in sizing.steps
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def _text(sizing: "Sizing", made: "ChosenSize | None") -> str:
    lines = [
        f"size {sizing.size_name.value} on {sizing.platform.value}, plan {sizing.plan.value}, {sizing.zones} zones",
        "",
    ]
    for step in sizing.steps:
        lines += [f"{step.what:<26}{step.value}", f"{'':<26}{step.because}", f"{'':<26}source: {step.source}"]
    lines += [
        "",
        f"without any one zone it carries {sizing.logins_after_zone_loss:.1f} logins/s, were there nothing else [DI-2]",
    ]
    needed = (sizing.machine, sizing.nodes_per_zone, sizing.tier, sizing.disk)
    if made and (made.machine, made.nodes_per_zone, made.tier, made.disk) != needed:
        lines.append(
            f"the stack makes more: {sizing.zones} zones x {made.nodes_per_zone} x {made.machine.name}, "
            f"{made.tier.name}, {made.disk} GiB"
        )
    return "\n".join(lines) + "\n"
