"""`kastellan tick`: for cron or a pipeline; records and sends what has become due."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kastellan.cli.exit_code import ExitCode
from kastellan.cli.store_option import store_option
from kastellan.domain.errors import InvalidInputError, KastellanError

if TYPE_CHECKING:
    from kastellan.cli.installation_view import Plan
    from kastellan.cli.tick_rendering import TickResult
    from kastellan.ports.notifier import Notifier
    from kastellan.ports.store import Store


@click.command()
@click.argument("stacks", nargs=-1, metavar="[STACK]...")
@click.option(
    "--channels",
    "channels_file",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="KASTELLAN_CHANNELS",
    help="YAML file, name: URL, of the channels that contracts name in `notify`; also KASTELLAN_CHANNELS.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be recorded and sent, and do neither.")
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
@store_option
def tick(stacks: tuple[str, ...], channels_file: Path | None, store_url: str, *, dry_run: bool, as_json: bool) -> int:
    """Record what has become due for each STACK, or for all that have a contract, and send the notices.

    May be run as often as one likes, and after any crash: what is recorded is not recorded again. What is wrong with
    one installation does not hold up the others. Windows that break the promise of MU-2 are refused: nothing is
    promised by them, and the clocks go on by what was.
    Exit code 5 where a notice did not get through yet.
    """
    from kastellan.adapters.store.opening import open_store
    from kastellan.cli.failures import exit_code, tell
    from kastellan.cli.installation_view import read_plans
    from kastellan.cli.progress import ConsoleProgress
    from kastellan.cli.tick_rendering import json_document, text

    plans, failures = read_plans(stacks)
    notifier = None if dry_run else _notifier(plans, channels_file)
    results = []
    with open_store(store_url) as store, ConsoleProgress() as progress:
        for number, plan in enumerate(plans, start=1):
            progress.report("tick", plan.stack, done=number, total=len(plans))
            try:
                results.append(_preview(store, plan) if notifier is None else _run(store, plan, notifier))
            except KastellanError as problem:
                failures[plan.stack] = problem
                continue
            if plan.broken:
                failures[plan.stack] = _refused(plan)
    click.echo((json_document if as_json else text)(results, failures, dry_run=dry_run), nl=False)
    tell(failures)
    problems = any(result.problems for result in results)
    return exit_code(failures, ExitCode.INCOMPLETE if problems else ExitCode.DONE)


def _notifier(plans: "list[Plan]", channels_file: Path | None) -> "Notifier":
    from kastellan.adapters.notify.channels import notifier_for
    from kastellan.config.channels_file import read_channels

    known = read_channels(channels_file) if channels_file else {}
    wanted = {name for plan in plans for name in plan.contract.notify}
    missing = sorted(wanted - known.keys())
    if missing:
        raise InvalidInputError(
            f"no address is known for {', '.join(missing)}; nothing was recorded. Name a file with them by --channels"
        )
    return notifier_for({name: known[name] for name in wanted})


def _refused(plan: "Plan") -> InvalidInputError:
    return InvalidInputError("the contract's windows break the promise of MU-2; they are not promised", plan.broken)


def _preview(store: "Store", plan: "Plan") -> "TickResult":
    from kastellan.cli.tick_rendering import TickResult
    from kastellan.execution.tick import preview, read_ledger

    ledger = read_ledger(store, plan.stack, now=plan.now)
    if plan.broken and not ledger.entries:
        raise _refused(plan)
    found = preview(ledger, plan.tick_input, plan.now)
    subjects = tuple(message.subject for one in found for message in one.messages)
    return TickResult(installation=plan.stack, recorded=tuple(one.draft for one in found), sent=subjects)


def _run(store: "Store", plan: "Plan", notifier: "Notifier") -> "TickResult":
    from kastellan.cli.tick_rendering import TickResult
    from kastellan.domain.message import DeliveryState
    from kastellan.execution.delivery import deliver_due
    from kastellan.execution.tick import read_ledger, record_due

    if plan.broken and not read_ledger(store, plan.stack, now=plan.now).entries:
        raise _refused(plan)
    recorded = record_due(store, plan.stack, plan.tick_input, plan.now)
    outcomes = list(deliver_due(store, notifier, plan.stack, plan.contract.terms, plan.now))
    return TickResult(
        installation=plan.stack,
        recorded=recorded,
        sent=tuple(o.delivery.message.subject for o in outcomes if o.delivery.state is DeliveryState.DELIVERED),
        problems=tuple(f"{o.delivery.message.channel}: {o.problem}" for o in outcomes if o.problem),
    )
