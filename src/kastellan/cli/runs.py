"""`kastellan runs` and `kastellan runs show`: what was run, step by step."""

import json
import sys

import click

from kastellan.cli.exit_code import ExitCode
from kastellan.cli.store_option import store_option
from kastellan.domain.errors import InvalidInputError


@click.group(invoke_without_command=True)
@click.option("--installation", default="", help="Only the runs of this one.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="So many of the newest.")
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
@store_option
@click.pass_context
def runs(context: click.Context, installation: str, limit: int, store_url: str, *, as_json: bool) -> int | None:
    """List maintenance runs, the newest first; `kastellan runs show ID` tells everything about one."""
    context.obj = store_url
    if context.invoked_subcommand is not None:
        return None
    from kastellan.adapters.store.opening import open_store
    from kastellan.cli.run_rendering import list_text, run_document

    with open_store(store_url) as store:
        found = store.journal.runs(installation, limit=limit)
    if as_json:
        body = {"schemaVersion": 1, "kind": "Runs", "runs": [run_document(run) for run in found]}
        click.echo(json.dumps(body, indent=2, ensure_ascii=False))
    else:
        click.echo(list_text(found, colour=sys.stdout.isatty()), nl=False)
    return ExitCode.DONE


@runs.command()
@click.argument("run_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
@click.pass_obj
def show(store_url: str, run_id: str, *, as_json: bool) -> int:
    """The timeline of the run ID: every attempt at every step, what it came to, what was seen, and who acts."""
    from kastellan.adapters.store.opening import open_store
    from kastellan.cli.run_rendering import run_document, run_text

    with open_store(store_url) as store:
        found = store.journal.read(run_id)
        if found is None:
            known = ", ".join(run.plan.id for run in store.journal.runs(limit=5)) or "none"
            raise InvalidInputError(f"there is no run {run_id}; the newest: {known}")
    if as_json:
        click.echo(json.dumps(run_document(found), indent=2, ensure_ascii=False))
    else:
        click.echo(run_text(found, colour=sys.stdout.isatty()), nl=False)
    return ExitCode.DONE
