"""`kastellan adopt`: takes over into the state what a killed `pulumi up` made and could not note."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kastellan.cli.exit_code import ExitCode
from kastellan.domain.errors import BlockedError, InvalidInputError
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason

if TYPE_CHECKING:
    from kastellan.adapters.pulumi.command import PulumiCommand
    from kastellan.planning.adoption import Adoptable


@click.command()
@click.argument("stack")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--dry-run", is_flag=True, help="Only show what would be looked for, and under which id.")
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
def adopt(stack: str, names: tuple[str, ...], *, dry_run: bool, as_json: bool) -> int:
    """Take over what STACK's cloud has and its state does not know, so that the next `pulumi up` goes on.

    A process that was killed after the cloud had made something leaves such an object; the next `pulumi up` stops with
    "409 already exists" and makes nothing twice. NAME is the logical name that it shows; without one, everything that
    the next update would create is looked for, one after the other. Nothing in the cloud is changed, and what carries
    another installation's label is left alone. Exit code 5 where a NAME was not found.
    """
    from kastellan.adapters.pulumi.command import PulumiCommand
    from kastellan.cli.progress import ConsoleProgress
    from kastellan.config.stack_file import find_project, read_stack_file
    from kastellan.planning.adoption import adoptables

    project = find_project(Path.cwd())
    google = read_stack_file(stack, project=project).parse().google
    if google is None:
        raise InvalidInputError(f"stack {stack} has no cloud of its own: what it makes adopts itself")
    pulumi = PulumiCommand(project)
    with ConsoleProgress() as progress:
        progress.report("adopt", "asking what the next update would create")
        wanted = list(adoptables(pulumi.preview(stack), project=google.project, names=names))
        found: list[Adoptable] = []
        for number, one in enumerate(() if dry_run else wanted, start=1):
            progress.report("adopt", str(one), done=number, total=len(wanted))
            if pulumi.adopt(stack, one.document):
                _keep_apart(pulumi, stack, one)
                found.append(one)
    _tell(wanted, found, dry_run=dry_run, as_json=as_json)
    return ExitCode.INCOMPLETE if {*names} - {one.name for one in (wanted if dry_run else found)} else ExitCode.DONE


def _keep_apart(pulumi: "PulumiCommand", stack: str, one: "Adoptable") -> None:
    """Let go again of what belongs to somebody else."""
    from kastellan.planning.adoption import is_of

    if all(is_of(resource, stack) for resource in pulumi.state(stack) if resource["urn"] == one.urn):
        return
    pulumi.forget(stack, one.urn)
    reason = Reason(
        code="foreign-object",
        message=f"{one} carries no label of installation {stack}",
        owner=Party.VENDOR,
        remediation="find out whose it is; use another project (installation:google.project), as DI-1 asks",
        clause="DI-1",
    )
    raise BlockedError(f"{one.name} of stack {stack} was not taken over", [reason])


def _tell(wanted: "list[Adoptable]", found: "list[Adoptable]", *, dry_run: bool, as_json: bool) -> None:
    shown = wanted if dry_run else found
    if as_json:
        rows = [{"urn": one.urn, "id": one.identity} for one in shown]
        click.echo(json.dumps({"lookedFor": len(wanted), "wouldLookFor" if dry_run else "adopted": rows}, indent=2))
        return
    verb = "would look for" if dry_run else "adopted"
    click.echo(
        "\n".join(f"{verb} {one}" for one in shown) or f"nothing found among {len(wanted)} that would be created"
    )
    if found:
        click.echo("pulumi up goes on from here")
