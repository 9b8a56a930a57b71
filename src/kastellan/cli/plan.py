"""`kastellan plan`: the run that may begin now, step by step, or why none may; nothing is changed."""

import json
import sys

import click

from kastellan.cli.exit_code import ExitCode
from kastellan.cli.store_option import store_option


@click.command()
@click.argument("stack")
@click.option("--again", is_flag=True, help="As if a person said that what failed in this window is run again.")
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
@store_option
def plan(stack: str, store_url: str, *, again: bool, as_json: bool) -> int:
    """Show the maintenance run of STACK that may begin now, or goes on: every step with its duration and deadline.

    It also says whether the fleet (canary, waves, limits, a stopped rollout) holds it back. Exit code 5 where something
    is due and may not begin, or is held back, or it is outside of the window; the reasons say who acts.
    """
    from kastellan.adapters.store.opening import open_store
    from kastellan.cli.fleet_rendering import says_document, says_text
    from kastellan.cli.fleet_survey import fleet_says
    from kastellan.cli.installation_view import read_plan, read_view, this_instant
    from kastellan.cli.progress import ConsoleProgress
    from kastellan.cli.run_rendering import not_now_document, not_now_text, plan_text
    from kastellan.cli.run_view import planned_run
    from kastellan.domain.run import RunPlan
    from kastellan.domain.run_document import plan_document
    from kastellan.planning.run_planning import NotNow

    read = read_plan(stack, this_instant())
    with open_store(store_url) as store:
        view = read_view(read, store)
        found = planned_run(view, store.journal, again=again)
        says = None
        if isinstance(found, RunPlan) and store.journal.read(found.id) is None:  # whose run is under way goes on
            with ConsoleProgress() as progress:
                says = fleet_says(store, stack, progress, again=again)
    zone = view.plan.contract.zone
    if isinstance(found, NotNow):
        document = not_now_document(stack, found)
        text = (
            json.dumps(document, indent=2, ensure_ascii=False) + "\n" if as_json else not_now_text(stack, found, zone)
        )
        click.echo(text, nl=False)
        return ExitCode.INCOMPLETE
    if as_json:
        fleet = {"fleet": says_document(says)} if says else {}
        click.echo(json.dumps({**plan_document(found), **fleet}, indent=2, ensure_ascii=False))
    else:
        click.echo(plan_text(found, zone, colour=sys.stdout.isatty()), nl=False)
        click.echo("\n" + says_text(says, stack, zone) if says else "", nl=False)
    return ExitCode.INCOMPLETE if says and says.held else ExitCode.DONE
