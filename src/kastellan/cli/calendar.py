"""`kastellan calendar`: an installation's maintenance as a calendar file that people subscribe to."""

from pathlib import Path

import click

from kastellan.cli.exit_code import ExitCode
from kastellan.cli.store_option import store_option
from kastellan.domain.errors import InvalidInputError


@click.command()
@click.argument("stack")
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="File to write; standard output by default."
)
@store_option
def calendar(stack: str, output: Path | None, store_url: str) -> int:
    """Write the maintenance windows of STACK as a .ics file: promised, offered, called off.

    A convenience for people: what counts is the notice in the ledger. Run it after every tick.
    """
    from kastellan.adapters.calendar.feed import feed
    from kastellan.adapters.store.opening import open_store
    from kastellan.cli.installation_view import read_plan, read_view, this_instant
    from kastellan.planning.calendar_events import calendar_events

    plan = read_plan(stack, this_instant())
    with open_store(store_url) as store:
        view = read_view(plan, store)
    if not view.ledger.entries:
        raise InvalidInputError(f"{stack} has no ledger yet; run: kastellan tick {stack}")
    began = view.ledger.entries[0].at
    events = calendar_events(stack, view.ledger.promise, view.history, view.standing, began)
    content = feed(stack, plan.contract.zone, events, made_at=plan.now)
    if output is None:
        click.echo(content, nl=False)
        return ExitCode.DONE
    try:
        aside = output.with_name(f"{output.name}.new")
        aside.write_bytes(content)
        aside.replace(output)  # a subscriber never reads half a file
    except OSError as cause:
        raise InvalidInputError(f"{output} cannot be written: {cause.strerror}") from cause
    click.echo(f"{output}: {len(events)} events", err=True)
    return ExitCode.DONE
