"""`kastellan windows`: when maintenance may run at an installation, and why at an instant it may or may not."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kastellan.cli.exit_code import ExitCode
from kastellan.cli.instant import parse_instant
from kastellan.domain.errors import InvalidInputError

if TYPE_CHECKING:
    from kastellan.domain.window import WindowPlan


@click.command()
@click.argument("stack")
@click.option("--explain", metavar="INSTANT", help="Why this instant (RFC 3339, with an offset) is in or out.")
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
def windows(stack: str, explain: str | None, *, as_json: bool) -> int:
    """List the maintenance windows of STACK for thirteen months, after blackouts and holidays.

    Exit code 3 where they break the promise of a window in every month and none more than a quarter apart (MU-2).
    """
    from kastellan.adapters.system_clock import SystemClock
    from kastellan.cli.window_rendering import explanation, json_document, text
    from kastellan.domain import window_expansion
    from kastellan.domain.quarterly_promise import broken_promises

    now = SystemClock().now()
    plan = _plan(stack, now if explain is None else parse_instant(explain, "--explain"))
    if explain is not None:
        click.echo(explanation(plan, parse_instant(explain, "--explain"), as_json=as_json), nl=False)
        return ExitCode.DONE
    until = _months_ahead(now)
    found = window_expansion.windows(plan, now, until)
    broken = broken_promises(plan, now)
    click.echo(
        json_document(stack, plan, now, until, found, broken) if as_json else text(stack, plan, found, broken), nl=False
    )
    return ExitCode.FAILED if broken else ExitCode.DONE


def _months_ahead(now: datetime) -> datetime:
    from dateutil.relativedelta import relativedelta

    from kastellan.domain.quarterly_promise import MONTHS_AHEAD

    return now + relativedelta(months=MONTHS_AHEAD)


def _plan(stack: str, around: datetime) -> "WindowPlan":
    from kastellan.adapters.contract_windows import window_plan
    from kastellan.config.stack_file import find_project, read_stack_file

    project = find_project(Path.cwd())
    contract = read_stack_file(stack, project=project).parse().contract
    if contract is None:
        raise InvalidInputError(f"stack {stack} has no installation:contract; stacks/Pulumi.example.yaml shows one")
    return window_plan(contract, around, folder=project)
