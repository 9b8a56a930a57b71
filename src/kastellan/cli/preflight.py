"""`kastellan preflight`: validates a cluster and a database before anything is installed or maintained (DI-4)."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import click

from kastellan.cli.exit_code import ExitCode
from kastellan.domain.errors import InvalidInputError

if TYPE_CHECKING:
    from kastellan.adapters.postgres.database_facts import DatabaseAccess
    from kastellan.cli.preflight_target import PreflightTarget
    from kastellan.preflight.report import Report


@click.command()
@click.argument("stack", required=False)
@click.option(
    "--kubeconfig",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Kubeconfig of the cluster, instead of the stack's.",
)
@click.option("--context", default="", help="Context of the kubeconfig; the current one by default.")
@click.option(
    "--database",
    metavar="URL",
    help="postgresql://ROLE@HOST:PORT/NAME, instead of the stack's; the password is PGPASSWORD or asked for.",
)
@click.option(
    "--database-ca",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="PEM of the authority that signed the database's certificate.",
)
@click.option("--size", type=click.Choice(["small", "medium", "large"]), default="small", help="Without a stack: size.")
@click.option("--namespace", default="zitadel", help="Without a stack: namespace of the installation.")
@click.option(
    "--probes/--read-only",
    default=False,
    help="Also try what has to be put somewhere to be seen: a canary into the object storage. Read-only by default: "
    "then these checks are unknown, and the run is incomplete.",
)
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", help="Format on standard output.")
@click.option("--output-file", type=click.Path(path_type=Path, dir_okay=False), help="Write the JSON report here too.")
def preflight(
    stack: str | None,
    kubeconfig: Path | None,
    context: str,
    database: str | None,
    database_ca: Path | None,
    size: str,
    namespace: str,
    probes: bool,
    output: str,
    output_file: Path | None,
) -> int:
    """Validate a platform against the prerequisites; without --probes nothing is changed in it.

    Give the name of a STACK (its secrets are decrypted by `pulumi`), or --kubeconfig and --database for a cluster that
    has no stack yet. Exit code: 0 passed, 4 warnings only, 3 failed, 5 incomplete, 2 bad input, 1 cannot be asked.
    """
    from kastellan.cli.preflight_target import bare_target, stack_target
    from kastellan.preflight import rendering

    if bool(database) != bool(database_ca):
        raise InvalidInputError("--database and --database-ca belong together: TLS is verified in full, always")
    access = _database(database, database_ca) if database and database_ca else None
    text = kubeconfig.read_text(encoding="utf-8") if kubeconfig else ""
    if stack:
        target = stack_target(stack, kubeconfig=text, context=context, database=access)
    elif text:
        target = bare_target(text, context, access, size=size, namespace=namespace)
    else:
        raise InvalidInputError("name a STACK, or give --kubeconfig (and --database) for a cluster without one")
    report = _run(target, allowed=probes)
    if output_file:
        output_file.write_text(rendering.json_text(report), encoding="utf-8")
    click.echo(rendering.json_text(report) if output == "json" else rendering.text(report), nl=False)
    return _exit_code(report)


def _run(target: "PreflightTarget", *, allowed: bool) -> "Report":
    from dataclasses import replace

    from kastellan.adapters.evidence.preflight_run import run_preflight
    from kastellan.adapters.kubernetes.connection import connect
    from kastellan.adapters.kubernetes.retrying import RetryingCluster
    from kastellan.adapters.system_clock import SystemClock
    from kastellan.cli.progress import ConsoleProgress

    clock = SystemClock()
    with ConsoleProgress() as progress:
        cluster = connect(target.kubeconfig, context=target.context, timeout_seconds=10.0)
        return run_preflight(
            RetryingCluster(cluster, clock, patience_seconds=10.0, progress=progress),
            target.database,
            target.installation,
            target.manifests,
            target=f"{target.name} on {cluster.server}",
            clock=clock,
            progress=progress,
            probes=replace(target.probes, allowed=allowed),
        )


def _exit_code(report: "Report") -> ExitCode:
    from kastellan.preflight.report import Overall

    return {
        Overall.PASSED: ExitCode.DONE,
        Overall.WARNINGS: ExitCode.WARNINGS,
        Overall.FAILED: ExitCode.FAILED,
        Overall.INCOMPLETE: ExitCode.INCOMPLETE,
    }[report.overall]


def _database(url: str, ca: Path) -> "DatabaseAccess":
    from kastellan.adapters.postgres.database_facts import DatabaseAccess

    form = "postgresql://ROLE@HOST:PORT/NAME"
    try:
        parts = urlsplit(url)
        port = parts.port or 5432
    except ValueError as cause:
        raise InvalidInputError(f"--database is no URL of the form {form}") from cause
    name = parts.path.removeprefix("/")
    if parts.scheme not in ("postgresql", "postgres") or not parts.hostname or not parts.username or not name:
        raise InvalidInputError(f"--database is no URL of the form {form}")
    if parts.query:
        raise InvalidInputError("--database takes no parameters: TLS is always verified in full")
    password = unquote(parts.password or "") or os.environ.get("PGPASSWORD", "")
    if not password and sys.stdin.isatty():
        password = click.prompt(f"Password of {unquote(parts.username)}", hide_input=True, err=True)
    return DatabaseAccess(
        host=parts.hostname,
        port=port,
        name=unquote(name),
        user=unquote(parts.username),
        password=password,
        ca=ca.read_text(encoding="utf-8"),
    )
