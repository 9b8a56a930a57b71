"""`kastellan drill`: tries whether an installation could be restored, and records how long it takes (DI-7)."""

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from kastellan.cli.exit_code import ExitCode
from kastellan.cli.store_option import store_option

if TYPE_CHECKING:
    from kastellan.domain.restore_point import Drill, RestorePoint


@click.command()
@click.argument("stack")
@click.option("--fresh", is_flag=True, help="Make a new restore point, though there is one.")
@click.option("--dry-run", is_flag=True, help="Say what would be restored, and do nothing.")
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
@click.option(
    "--programs",
    default="",
    envvar="KASTELLAN_POSTGRES_PROGRAMS",
    help="Folder of pg_dump and pg_restore, instead of PATH; also KASTELLAN_POSTGRES_PROGRAMS.",
)
@store_option
def drill(stack: str, programs: str, store_url: str, *, fresh: bool, dry_run: bool, as_json: bool) -> int:
    """Restore the newest restore point of STACK into a scratch database, and compare what came back.

    Makes a restore point where there is none. Rows of every table and the newest event are compared with what the
    database held; the scratch database is dropped again. RPO and RTO are recorded in the ledger. Nothing of the
    installation is changed. Exit code: 0 everything came back, 3 it did not, 4 it did, but the newest restore point is
    older than the promised RPO of an hour (DI-7).
    """
    from kastellan.adapters.restore_points import restore_points_of
    from kastellan.adapters.store.opening import open_store
    from kastellan.adapters.system_clock import SystemClock
    from kastellan.cli.progress import ConsoleProgress
    from kastellan.cli.unsealed_stack import unsealed_stack
    from kastellan.execution.drill import drill as run_drill
    from kastellan.execution.record import record

    config, clock = unsealed_stack(stack), SystemClock()
    with ConsoleProgress() as progress:
        points = restore_points_of(config, programs=programs, clock=clock, progress=progress)
        if dry_run:
            newest = None if fresh else next(iter(points.list()), None)
            click.echo(_would(newest, points.scratch_place, as_json=as_json), nl=False)
            return ExitCode.DONE
        with open_store(store_url) as store:
            done = run_drill(points, clock, fresh=fresh, version=config.installation.version)
            record(store, stack, [done.draft], clock.now().replace(microsecond=0))
    click.echo(_json(stack, done) if as_json else _text(done), nl=False)
    if not done.passed:
        return ExitCode.FAILED
    return ExitCode.DONE if done.keeps_promise else ExitCode.WARNINGS


def _would(point: "RestorePoint | None", scratch: str, *, as_json: bool) -> str:
    key = point.key if point else None
    if as_json:
        document = {"schemaVersion": 1, "kind": "DrillPlan", "restorePoint": key, "makesOne": not key, "on": scratch}
        return json.dumps(document, indent=2) + "\n"
    what = f"restore point {key} would be restored" if key else "a new restore point would be made and restored"
    return f"{what} into a scratch database on {scratch}; nothing was done\n"


def _text(done: "Drill") -> str:
    from kastellan.domain.ledger import utc_text
    from kastellan.domain.restore_point import PROMISED_RPO

    point, restored = done.point, done.restored
    lines = [f"restore point  {point.key} of {utc_text(point.at)}, {point.size / 1e6:.1f} MB"]
    if restored:
        rows = sum(restored.rows.values())
        lines.append(f"RTO            {restored.seconds:.1f} s for {len(restored.rows)} tables with {rows} rows")
    if done.age is None:
        lines.append("RPO            not measured: there was no restore point before this drill")
    else:
        over = "" if done.keeps_promise else f", more than the promised {_duration(PROMISED_RPO)} [DI-7]"
        lines.append(f"RPO            {_duration(done.age)}: the age of the newest restore point{over}")
    lines += [f"{'DIFFERS' if restored else 'FAILED':14} {problem}" for problem in done.problems[:20]]
    lines.append(f"result         {'passed: everything came back' if done.passed else 'failed'}")
    return "\n".join(lines) + "\n"


def _duration(length: timedelta) -> str:
    minutes = int(length.total_seconds()) // 60
    if minutes < 1:
        return f"{length.total_seconds():.0f} s"
    hours, left = divmod(minutes, 60)
    return f"{hours} h {left} min" if hours else f"{left} min"


def _json(stack: str, done: "Drill") -> str:
    document = {"schemaVersion": 1, "kind": "Drill", "installation": stack, **done.draft.body}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
