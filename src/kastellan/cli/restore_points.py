"""`kastellan restore-points`: lists, makes and checks the restore points of an installation (DI-7)."""

import json
from typing import TYPE_CHECKING

import click

from kastellan.cli.exit_code import ExitCode

if TYPE_CHECKING:
    from kastellan.adapters.restore_points import RestorePointsOfStack
    from kastellan.cli.progress import ConsoleProgress
    from kastellan.domain.restore_point import RestorePoint

_programs = click.option(
    "--programs",
    default="",
    envvar="KASTELLAN_POSTGRES_PROGRAMS",
    help="Folder of pg_dump and pg_restore, instead of PATH; also KASTELLAN_POSTGRES_PROGRAMS.",
)
_json = click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")


@click.group()
def restore_points() -> None:
    """List, make and check the restore points of an installation; docs/restore.md says how to restore from one."""


@restore_points.command("list")
@click.argument("stack")
@_programs
@_json
def list_(stack: str, programs: str, *, as_json: bool) -> int:
    """List the restore points of STACK, newest first."""
    from kastellan.adapters.dump_storage.description import document
    from kastellan.cli.progress import ConsoleProgress

    with ConsoleProgress() as progress:
        found = _points(stack, programs, progress).list()
    if as_json:
        click.echo(json.dumps([document(point) for point in found], indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(map(_line, found)) if found else "no restore points")
    return ExitCode.DONE


@restore_points.command()
@click.argument("stack")
@click.option("--key", default="", help="What to call it; an existing one of this name is left as it is.")
@_programs
def make(stack: str, key: str, programs: str) -> int:
    """Make a restore point of STACK; for cron, so that the promised RPO holds (DI-7)."""
    from kastellan.adapters.system_clock import SystemClock
    from kastellan.cli.progress import ConsoleProgress

    now = SystemClock().now().replace(microsecond=0)
    with ConsoleProgress() as progress:
        point = _points(stack, programs, progress).make(key or f"manual-{now:%Y%m%dT%H%M%SZ}", now)
    click.echo(_line(point))
    return ExitCode.DONE


@restore_points.command()
@click.argument("stack")
@click.option("--all", "everything", is_flag=True, help="All of them, instead of the newest.")
@_programs
def check(stack: str, programs: str, *, everything: bool) -> int:
    """Read the newest restore point of STACK. Exit code 3 where nobody could restore from it.

    Of a dump its checksum, and whether pg_restore can list it; of a backup what its cloud says about it.
    """
    from kastellan.cli.progress import ConsoleProgress

    with ConsoleProgress() as progress:
        points = _points(stack, programs, progress)
        found = points.list()
        results = [(point, points.check(point)) for point in (found if everything else found[:1])]
    for point, flaws in results:
        click.echo(_line(point) + ("".join(f"\n  FAILED {flaw}" for flaw in flaws) or "  whole"))
    if not results:
        click.echo("no restore points")
    return ExitCode.FAILED if not results or any(flaws for _, flaws in results) else ExitCode.DONE


def _points(stack: str, programs: str, progress: "ConsoleProgress") -> "RestorePointsOfStack":
    from kastellan.adapters.restore_points import restore_points_of
    from kastellan.adapters.system_clock import SystemClock
    from kastellan.cli.unsealed_stack import unsealed_stack

    return restore_points_of(unsealed_stack(stack), programs=programs, clock=SystemClock(), progress=progress)


def _line(point: "RestorePoint") -> str:
    from kastellan.domain.ledger import utc_text

    version = str(point.version or "")
    return f"{utc_text(point.at)}  {point.size / 1e6:9.1f} MB  {version:10} {point.key}"
