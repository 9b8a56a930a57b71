"""`kastellan status` and `kastellan pending`: where installations stand, and what is due. Nothing is changed."""

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from kastellan.cli.exit_code import ExitCode
from kastellan.cli.failures import exit_code, tell
from kastellan.cli.store_option import store_option
from kastellan.domain.errors import KastellanError

if TYPE_CHECKING:
    from kastellan.cli.installation_view import View


@click.command()
@click.argument("stacks", nargs=-1, metavar="[STACK]...")
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
@store_option
def status(stacks: tuple[str, ...], store_url: str, *, as_json: bool) -> int:
    """Where each STACK, or all that have a contract, stands: version, clocks, decisions, guarantees.

    The last `kastellan preflight STACK` says which guarantees the platform backs. Exit code 4 where a guarantee does
    not hold or an escalation is open.
    """
    from kastellan.cli.last_report import backed_guarantees
    from kastellan.cli.view_document import status_document
    from kastellan.cli.view_rendering import status_text
    from kastellan.domain.standing import State

    views, failures = _views(stacks, store_url)
    documents = [
        {**document, "guarantees": [*document["guarantees"], *backed_guarantees(view.plan.stack, view.plan.now)]}
        for view in views
        for document in [status_document(view)]
    ]
    if as_json:
        click.echo(_json("Status", documents, failures), nl=False)
    else:
        click.echo("\n".join(status_text(document, colour=sys.stdout.isatty()) for document in documents), nl=False)
    tell(failures)
    troubled = any(view.standing.state not in (State.NORMAL, State.DENYING) for view in views)
    broken = any(guarantee["holds"] == "no" for document in documents for guarantee in document["guarantees"])
    return exit_code(failures, ExitCode.WARNINGS if troubled or broken else ExitCode.DONE)


@click.command()
@click.argument("stacks", nargs=-1, metavar="[STACK]...")
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
@store_option
def pending(stacks: tuple[str, ...], store_url: str, *, as_json: bool) -> int:
    """The pending updates of each STACK, or of all that have a contract.

    With the earliest, due, forced and effective date of each, and the reason and clause of every date.
    """
    from kastellan.cli.view_document import status_document
    from kastellan.cli.view_rendering import pending_text

    kept = ("installation", "zone", "asOf", "version", "pending")
    views, failures = _views(stacks, store_url)
    documents = [{key: value for key, value in status_document(view).items() if key in kept} for view in views]
    if as_json:
        click.echo(_json("PendingUpdates", documents, failures), nl=False)
    else:
        click.echo(pending_text(documents, colour=sys.stdout.isatty()), nl=False)
    tell(failures)
    return exit_code(failures, ExitCode.DONE)


def _views(stacks: tuple[str, ...], store_url: str) -> "tuple[list[View], dict[str, KastellanError]]":
    from kastellan.adapters.store.opening import open_store
    from kastellan.cli.installation_view import read_plans, read_view

    plans, failures = read_plans(stacks)
    views = []
    with open_store(store_url) as store:
        for plan in plans:
            try:
                views.append(read_view(plan, store))
            except KastellanError as problem:
                failures[plan.stack] = problem
    return views, failures


def _json(kind: str, documents: list[dict[str, Any]], failures: "dict[str, KastellanError]") -> str:
    body = {
        "schemaVersion": 1,
        "kind": kind,
        "installations": documents,
        "failures": [{"installation": name, "error": str(problem)} for name, problem in failures.items()],
    }
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"
