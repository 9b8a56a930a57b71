"""`kastellan runs` and `kastellan runs show`: what was run, step by step."""

import json
import sys
from pathlib import Path

import click

from kastellan.cli.exit_code import ExitCode
from kastellan.cli.ledger import key_option
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
@click.option("--html", "page", type=click.Path(path_type=Path, dir_okay=False), help="Write the customer's page here.")
@click.option("--bundle", type=click.Path(path_type=Path, dir_okay=False), help="Write the signed statement here.")
@key_option
@click.pass_obj
def show(store_url: str, run_id: str, page: Path | None, bundle: Path | None, key_path: Path, *, as_json: bool) -> int:
    """The timeline of the run ID: every attempt at every step, what it came to, what was seen, and who acts."""
    from kastellan.adapters.store.opening import open_store
    from kastellan.cli.run_evidence import write_bundle, write_page
    from kastellan.cli.run_rendering import run_document, run_text

    with open_store(store_url) as store:
        found = store.journal.read(run_id)
        if found is None:
            known = ", ".join(run.plan.id for run in store.journal.runs(limit=5)) or "none"
            raise InvalidInputError(f"there is no run {run_id}; the newest: {known}")
        entries = store.entries(found.plan.installation) if page or bundle else ()
    if page:
        click.echo(write_page(found, entries, page))
    if bundle:
        click.echo(write_bundle(found, entries, bundle, key_path))
    if page or bundle:
        return ExitCode.DONE
    if as_json:
        click.echo(json.dumps(run_document(found), indent=2, ensure_ascii=False))
    else:
        click.echo(run_text(found, colour=sys.stdout.isatty()), nl=False)
    return ExitCode.DONE


@runs.command()
@click.argument("bundle", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--key-id", default="", help="Id of the signing key as it was told by another way.")
def verify(bundle: Path, key_id: str) -> int:
    """Verify the signed statement of a run, offline. Exit code 6 where it is not valid."""
    from kastellan.cli.run_evidence import flaws_of

    flaws = flaws_of(bundle, key_id)
    click.echo("\n".join(f"INVALID: {flaw}" for flaw in flaws) or "valid")
    if not flaws and not key_id:
        click.echo("note: compare the key's id with the one that you were told, or name it by --key-id")
    return ExitCode.EVIDENCE_INVALID if flaws else ExitCode.DONE
