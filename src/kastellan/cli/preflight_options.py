"""The options that the preflight's commands share: what is looked at, how it is judged, and what is written."""

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote, urlsplit

import click

from kastellan.cli.exit_code import ExitCode
from kastellan.cli.files import expect_writable, say_whole, text_of, write_whole
from kastellan.domain.errors import InvalidInputError

if TYPE_CHECKING:
    from kastellan.adapters.evidence.survey import Survey
    from kastellan.adapters.postgres.session import DatabaseAccess
    from kastellan.cli.preflight_target import PreflightTarget
    from kastellan.domain.image import Image
    from kastellan.preflight.report import Report
    from kastellan.preflight.selection import Selection

_Command = TypeVar("_Command", bound=Callable[..., Any])
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_FORMATS = ("text", "json", "markdown", "junit", "html")


def target_options(command: _Command) -> _Command:
    """Adds what is looked at."""
    for option in reversed(
        (
            click.argument("stack", required=False),
            click.option("--kubeconfig", type=_FILE, help="Kubeconfig of the cluster, instead of the stack's."),
            click.option("--context", default="", help="Context of the kubeconfig; the current one by default."),
            click.option(
                "--database",
                metavar="URL",
                help="postgresql://ROLE@HOST:PORT/NAME, not the stack's; the password is PGPASSWORD or asked for.",
            ),
            click.option(
                "--database-ca", type=_FILE, help="PEM of the authority that signed the database's certificate."
            ),
            click.option(
                "--size",
                type=click.Choice(["small", "medium", "large"]),
                default="small",
                help="Without a stack: size.",
            ),
            click.option("--namespace", default="zitadel", help="Without a stack: namespace of the installation."),
            click.option(
                "--probes/--read-only",
                "allowed",
                default=False,
                help="Also try what has to be put somewhere to be seen: pods in every zone, in a namespace of their "
                "own that is removed again, and a canary in the object storage. Read-only by default: then these "
                "checks are unknown, and the run is incomplete.",
            ),
            click.option(
                "--probe-image",
                metavar="REPOSITORY@DIGEST",
                help="The probe program in a registry of yours, instead of the stack's.",
            ),
        )
    ):
        command = option(command)
    return command


def gate_option(command: _Command) -> _Command:
    """Adds what it is validated for."""
    return click.option(
        "--gate",
        type=click.Choice(["install", "maintenance"]),
        default="install",
        help="What it is validated for: checks that are no gate there only warn.",
    )(command)


def judging_options(command: _Command) -> _Command:
    """Adds how it is judged."""
    for option in reversed(
        (
            click.option("--only", metavar="ID", multiple=True, help="Run only this check; can be repeated."),
            click.option(
                "--skip", metavar="ID", multiple=True, help="Leave this check out; its row stays, as unknown."
            ),
            click.option(
                "--waivers", type=_FILE, help="YAML file of waivers and attestations, instead of the stack's."
            ),
            click.option("--baseline", type=_FILE, help="An earlier JSON or signed report to compare with."),
        )
    ):
        command = option(command)
    return command


def output_options(command: _Command) -> _Command:
    """Adds what is written, and which outcome ends with an exit code."""
    for option in reversed(
        (
            click.option(
                "-o", "--output", type=click.Choice(_FORMATS), default="text", help="Format on standard output."
            ),
            click.option(
                "--output-file",
                type=click.Path(path_type=Path, dir_okay=False),
                help="Write the JSON report here too.",
            ),
            click.option(
                "--output-dir",
                type=click.Path(path_type=Path, file_okay=False),
                help="Write the report in every format into this folder.",
            ),
            click.option(
                "--fail-on",
                type=click.Choice(["fail", "unknown", "warn"]),
                default="warn",
                help="The least that ends with an exit code; warn by default, so that everything does.",
            ),
        )
    ):
        command = option(command)
    return command


def target_of_options(
    stack: str | None,
    kubeconfig: Path | None,
    context: str,
    database: str | None,
    database_ca: Path | None,
    size: str,
    namespace: str,
    *,
    allowed: bool,
    probe_image: str | None,
) -> "PreflightTarget":
    """The target that the options describe.

    Raises:
        InvalidInputError: they describe none.
    """
    from kastellan.cli.preflight_target import bare_target, stack_target

    if bool(database) != bool(database_ca):
        raise InvalidInputError("--database and --database-ca belong together: TLS is verified in full, always")
    access = _database(database, database_ca) if database and database_ca else None
    text = text_of(kubeconfig, "the kubeconfig") if kubeconfig else ""
    if stack:
        target = stack_target(stack, kubeconfig=text, context=context, database=access)
    elif text:
        target = bare_target(text, context, access, size=size, namespace=namespace)
    else:
        raise InvalidInputError("name a STACK, or give --kubeconfig (and --database) for a cluster without one")
    probing = target.probes.probing
    if probe_image:
        probing = replace(probing, image=_image(probe_image))
    return replace(target, probes=replace(target.probes, allowed=allowed, probing=probing))


def _image(text: str) -> "Image":
    from kastellan.domain.image import Image

    try:
        return Image.parse(text)
    except ValueError as cause:
        raise InvalidInputError(f"--probe-image: {cause}") from cause


def surveyed(target: "PreflightTarget", gate: str, selection: "Selection") -> "Survey":
    """Collect what the selected checks judge about a target, with progress on standard error."""
    from kastellan.adapters.evidence.preflight_run import patient, survey
    from kastellan.adapters.kubernetes.connection import connect
    from kastellan.adapters.managed_database import managed_database_of
    from kastellan.adapters.system_clock import SystemClock
    from kastellan.cli.progress import ConsoleProgress
    from kastellan.preflight.gate import Gate
    from kastellan.preflight.time_limits import ANSWER_SECONDS

    clock = SystemClock()
    with ConsoleProgress() as progress:
        cluster = connect(target.kubeconfig, context=target.context, timeout_seconds=ANSWER_SECONDS)
        return survey(
            patient(cluster, clock, progress),
            target.database,
            target.installation,
            target.manifests,
            target=f"{target.name} on {cluster.server}",
            gate=Gate(gate),
            plan=target.plan,
            selection=selection,
            clock=clock,
            progress=progress,
            probes=target.probes,
            managed=managed_database_of(target.restore_points, clock),
        )


class Judging:
    """How to judge, read and checked before anything is asked.

    Attributes:
        selection: the checks that run.

    Raises:
        InvalidInputError: an id is no check's, a file is not valid.
    """

    def __init__(
        self, only: tuple[str, ...], skip: tuple[str, ...], waivers: Path | None, baseline: Path | None
    ) -> None:
        from kastellan.adapters.evidence.exemptions_file import read_exemptions
        from kastellan.adapters.evidence.report_file import earlier_of, read_report
        from kastellan.preflight.catalogue import CHECKS
        from kastellan.preflight.selection import selection

        self.selection = selection(only, skip, [check.id for check in CHECKS])
        self._exemptions = read_exemptions(waivers) if waivers else ()
        self._earlier = earlier_of(read_report(baseline)) if baseline else None

    def judged(self, seen: "Survey") -> "Report":
        """The report on what was seen."""
        from kastellan.adapters.evidence.preflight_run import judged
        from kastellan.adapters.system_clock import SystemClock

        return judged(
            seen,
            SystemClock(),
            selection=self.selection,
            exemptions=self._exemptions,
            earlier=self._earlier,
        )


def written(report: "Report", output: str, output_file: Path | None, output_dir: Path | None, fail_on: str) -> ExitCode:
    """Write a report where it is wanted; the exit code does not depend on where, nor on how much of it is read.

    Raises:
        InvalidInputError: a file cannot be written; standard output has the report all the same.
    """
    from kastellan.preflight.rendering.formats import FORMATS, json_text
    from kastellan.preflight.report_document import report_document

    document = report_document(report)
    texts = {output_file: json_text(document)} if output_file else {}
    if output_dir:
        texts |= {output_dir / name: render(document) for name, render in FORMATS.values()}
    try:
        for path, text in texts.items():
            write_whole(path, text)
    finally:
        say_whole(FORMATS[output][1](document))
    return exit_code(report, fail_on)


def expect_places(output_file: Path | None, output_dir: Path | None) -> None:
    """See that what `written` is to write can be written.

    Raises:
        InvalidInputError: it cannot.
    """
    expect_writable(output_file.parent if output_file else None, output_dir)


def exit_code(report: "Report", fail_on: str) -> ExitCode:
    """The exit code of a report; `--fail-on` makes the lesser ones 0."""
    from kastellan.preflight.report import Overall

    forgiven = {
        "fail": {Overall.INCOMPLETE, Overall.WARNINGS},
        "unknown": {Overall.WARNINGS},
        "warn": frozenset[Overall](),
    }[fail_on]
    if report.overall in forgiven:
        return ExitCode.DONE
    return {
        Overall.PASSED: ExitCode.DONE,
        Overall.WARNINGS: ExitCode.WARNINGS,
        Overall.FAILED: ExitCode.FAILED,
        Overall.INCOMPLETE: ExitCode.INCOMPLETE,
        Overall.EXPIRED: ExitCode.EVIDENCE_INVALID,
    }[report.overall]


def _database(url: str, ca: Path) -> "DatabaseAccess":
    from kastellan.adapters.postgres.session import DatabaseAccess

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
        ca=text_of(ca, "the authority's certificate"),
    )
