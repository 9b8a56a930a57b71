"""`kastellan maintain`: brings what is due to one installation, or to all, inside their windows."""

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kastellan.cli.files import expect_writable
from kastellan.cli.ledger import key_option
from kastellan.cli.store_option import store_option
from kastellan.domain.errors import InvalidInputError

if TYPE_CHECKING:
    from kastellan.adapters.store.sql_store import SqlStore
    from kastellan.cli.installation_view import Plan, View
    from kastellan.cli.maintenance_results import Result
    from kastellan.domain.run import RunPlan, RunRecord
    from kastellan.planning.run_planning import NotNow


@click.command()
@click.argument("stack", required=False)
@click.option("--due", is_flag=True, help="All installations that are due: canary, waves and limits as the fleet says.")
@click.option(
    "--fleet",
    "fleet_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Rules of the fleet, with --due; fleet.yaml beside Pulumi.yaml by default, else one after the other.",
)
@click.option("--dry-run", is_flag=True, help="Show what would run, with --due also the waves, and change nothing.")
@click.option(
    "--again", is_flag=True, help="Run again what failed or was blocked in this window; a person looked at it."
)
@click.option("--events", is_flag=True, help="Progress as one JSON object a line on standard error.")
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
@click.option("--junit", type=click.Path(path_type=Path, dir_okay=False), help="Write a JUnit report for a pipeline.")
@click.option(
    "--evidence",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that gets the page and the signed statement of every run that ended; `runs show` writes them later.",
)
@click.option(
    "--programs",
    default="",
    envvar="KASTELLAN_POSTGRES_PROGRAMS",
    help="Folder of pg_dump and pg_restore, instead of PATH; also KASTELLAN_POSTGRES_PROGRAMS.",
)
@click.option("--run", "run_id", default="", hidden=True, help="Carry out this run of the journal, and no other.")
@key_option
@store_option
def maintain(
    stack: str | None,
    fleet_file: Path | None,
    junit: Path | None,
    evidence: Path | None,
    key_path: Path,
    programs: str,
    run_id: str,
    store_url: str,
    *,
    due: bool,
    dry_run: bool,
    again: bool,
    events: bool,
    as_json: bool,
) -> int:
    """Bring what is due to STACK, inside its window: checks, restore point, update, verification, soak, record.

    Called again after any kill, it goes on where the run stands. With --due, a process an installation; whatever was
    interrupted is gone on with first. The notices are recorded here and sent by `kastellan tick`. Exit code: 0 done or
    nothing due, 1 tool failure, 2 bad input, 3 a run failed, 5 blocked or outside of the window, 130 interrupted (the
    next call goes on).
    """
    from kastellan.adapters.store.opening import open_store

    if bool(stack) is due:
        raise InvalidInputError("name a STACK, or give --due for all that are due")
    if fleet_file and not due:
        raise InvalidInputError("--fleet goes with --due")
    if run_id and (due or again or dry_run):
        raise InvalidInputError("--run carries a run out that is open; it goes with no other of these options")
    expect_writable(evidence, junit.parent if junit else None)
    with open_store(store_url) as store, _terminable():
        if due:
            from kastellan.cli.maintain_fleet import FleetCommand

            command = FleetCommand(store, store_url, programs=programs, again=again, events=events)
            results = command.forecast(fleet_file) if dry_run else command.carry_out(fleet_file)
        else:
            from kastellan.cli.installation_view import read_plan, this_instant

            plan = read_plan(stack or "", this_instant())
            one = _maintained(plan, store, programs, run_id, again=again, dry_run=dry_run, events=events)
            from kastellan.cli.maintenance_results import Results

            results = Results(installations=(one,))
        ended = [one.run for one in results.installations if one.run and one.run.closed] if evidence else []
        ledgers = {run.plan.id: store.entries(run.plan.installation) for run in ended}
    from kastellan.cli.failures import exit_code, tell
    from kastellan.cli.maintenance_results import code_of, document, junit_text, text

    if as_json:
        click.echo(json.dumps(document(results), indent=2, ensure_ascii=False))
    else:
        click.echo(text(results, colour=sys.stdout.isatty()), nl=False)
    if junit:
        junit.write_text(junit_text(results), encoding="utf-8")
    if evidence:
        from kastellan.cli.run_evidence import write_evidence

        for run in ended:
            for line in write_evidence(run, ledgers[run.plan.id], evidence, key_path):
                click.echo(line, err=as_json)
    tell(results.failures)
    return exit_code(results.failures, code_of(results, due=due))


def _maintained(
    plan: "Plan", store: "SqlStore", programs: str, run_id: str, *, again: bool, dry_run: bool, events: bool
) -> "Result":
    from kastellan.cli.installation_view import read_view
    from kastellan.cli.run_view import planned_run
    from kastellan.domain.run import RunPlan

    view = read_view(plan, store)
    if run_id:
        opened = store.journal.read(run_id)
        if opened is None or opened.plan.installation != plan.stack:
            raise InvalidInputError(f"there is no run {run_id} of {plan.stack} in the journal of this store")
        found: RunPlan | NotNow = opened.plan
    else:
        found = planned_run(view, store.journal, again=again)
    run, problem = None, ""
    if isinstance(found, RunPlan) and not dry_run:
        run, problem = _carried_out(view, found, store, programs, events=events)
    from kastellan.cli.maintenance_results import Result  # what needs it was imported while Pulumi was at work

    return Result(installation=plan.stack, zone=plan.contract.zone, found=found, run=run, problem=problem)


def _carried_out(
    view: "View", found: "RunPlan", store: "SqlStore", programs: str, *, events: bool
) -> tuple["RunRecord | None", str]:
    """The closed run, or why this process did not carry it out."""
    from kastellan.cli.progress import ConsoleProgress
    from kastellan.cli.run_progress import RunProgress
    from kastellan.cli.run_wiring import run_ports
    from kastellan.domain.errors import BlockedError, LeaseLostError
    from kastellan.execution.maintenance_run import carry_out
    from kastellan.execution.tick import record_due

    plan = view.plan
    with ConsoleProgress() as console:

        def announce() -> None:
            now = ports.clock.now().replace(microsecond=0)
            record_due(store, plan.stack, plan.tick_input, max(now, plan.now))

        ports = run_ports(view, store, RunProgress(found, console, events=events), announce, programs=programs)
        try:
            return carry_out(found, ports), ""
        except (BlockedError, LeaseLostError) as problem:
            return None, str(problem)


@contextmanager
def _terminable() -> Iterator[None]:
    """A pipeline that is cancelled sends SIGTERM: it ends a run in order, as Ctrl-C does."""

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
