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
    from kastellan.config.stack import StackConfig
    from kastellan.planning.adoption import Adoptable, Identify


@click.command()
@click.argument("stack")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--dry-run", is_flag=True, help="Only show what would be looked for, and under which id.")
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
def adopt(stack: str, names: tuple[str, ...], *, dry_run: bool, as_json: bool) -> int:
    """Take over what STACK's cloud has and its state does not know, so that the next `pulumi up` goes on.

    A process that was killed after the cloud had made something leaves such an object. The next `pulumi up` stops with
    "already exists", or makes a second one of what has no name on AWS. NAME is the logical name that it shows; without
    one, everything that the next update would create is looked for, one after the other; on AWS by its tags, for which
    the account's credentials may tag:GetResources. Nothing in the cloud is changed, and what carries another
    installation's label is left alone. Exit code 5 where a NAME was not found.
    """
    from kastellan.adapters.pulumi.command import PulumiCommand
    from kastellan.cli.progress import ConsoleProgress
    from kastellan.config.stack_file import find_project, read_stack_file
    from kastellan.planning.adoption import adoptables

    project = find_project(Path.cwd())
    described = read_stack_file(stack, project=project).parse()
    pulumi = PulumiCommand(project)
    with ConsoleProgress() as progress:
        progress.report("adopt", "asking the cloud what it has")
        identify = _identify(stack, described)
        progress.report("adopt", "asking what the next update would create")
        wanted = list(adoptables(pulumi.preview(stack), identify, names=names))
        found: dict[str, Adoptable] = {}
        for number, one in enumerate(() if dry_run else wanted, start=1):
            progress.report("adopt", str(one), done=number, total=len(wanted))
            if one.urn not in found and pulumi.adopt(stack, one.document):
                _keep_apart(pulumi, stack, one)
                found[one.urn] = one
    _tell(wanted, list(found.values()), dry_run=dry_run, as_json=as_json)
    second = [one for one in wanted if one.urn in found and one not in found.values()]
    for one in second:
        click.echo(f"{one} may be a second one: look whether it is there, and whether anybody needs it", err=True)
    taken = {one.name for one in (wanted if dry_run else found.values())}
    return ExitCode.INCOMPLETE if {*names} - taken else ExitCode.DONE


def _identify(stack: str, described: "StackConfig") -> "Identify":
    """How the stack's cloud calls what it has."""
    google, aws = described.google, described.aws
    if google is not None:
        from kastellan.domain.google_ids import google_id

        return lambda kind, inputs: filter(None, [google_id(kind, inputs, google.project)])
    if aws is None:
        raise InvalidInputError(f"stack {stack} has no cloud of its own: what it makes adopts itself")
    from kastellan.adapters.aws.account import AwsAccount
    from kastellan.adapters.aws.tagged import tagged_with
    from kastellan.domain.aws_ids import aws_ids

    tagged = tagged_with(AwsAccount(aws.account, aws.region), stack)
    return lambda kind, inputs: aws_ids(kind, inputs, account=aws.account, region=aws.region, tagged=tagged)


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
        remediation="find out whose it is; use another project or account for each installation, as DI-1 asks",
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
