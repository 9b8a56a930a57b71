"""`kastellan preflight`: validates a cluster and a database before anything is installed or maintained (DI-4).

The group is a command as well: what is no subcommand is the name of a stack, or an option of `run`.
"""

import importlib
from pathlib import Path
from typing import Any

import click

from kastellan.cli.exit_code import ExitCode
from kastellan.cli.last_report import keep_report
from kastellan.cli.preflight_options import (
    Judging,
    expect_places,
    gate_option,
    judging_options,
    output_options,
    surveyed,
    target_of_options,
    target_options,
    written,
)

_SUBCOMMANDS: dict[str, tuple[str, str]] = {
    "checks": ("kastellan.cli.preflight_rights:checks", "List the checks: gate, owner, clause, guarantees."),
    "rbac": ("kastellan.cli.preflight_rights:rbac", "Print the smallest Role and ClusterRole for a preflight."),
    "collect": ("kastellan.cli.preflight_bundle:collect", "Collect into a bundle, and judge nothing."),
    "judge": ("kastellan.cli.preflight_bundle:judge", "Judge a bundle, here or elsewhere, to the same report."),
    "show": ("kastellan.cli.preflight_evidence:show", "Render a JSON or signed report in another format."),
    "sign": ("kastellan.cli.preflight_evidence:sign", "Sign a report, or countersign a signed one."),
    "verify": ("kastellan.cli.preflight_evidence:verify", "Verify a signed report, offline."),
}
"""Subcommand → (module:attribute, one-line help)."""


class PreflightGroup(click.Group):
    """A group whose first word may also be a stack."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the word `run` before what is no subcommand; help of the group is that of `run` and a list."""
        if not args or (args[0] not in self.list_commands(ctx) and args[0] not in ctx.help_option_names):
            args = ["run", *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the table."""
        return ["run", *_SUBCOMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module."""
        if cmd_name == "run":
            return run
        if cmd_name not in _SUBCOMMANDS:
            return None
        module, _, attribute = _SUBCOMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Both forms."""
        formatter.write_usage(ctx.command_path, "[OPTIONS] [STACK]")
        formatter.write_usage(ctx.command_path, "COMMAND [ARGS]...")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options of `run`, then the commands."""
        run.format_options(ctx, formatter)
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _SUBCOMMANDS.items()])


@click.group(cls=PreflightGroup)
def preflight() -> None:
    """Validate a platform against the prerequisites; without --probes nothing is changed in it.

    Give the name of a STACK (its secrets are decrypted by `pulumi`), or --kubeconfig and --database for a cluster that
    has no stack yet. Exit code: 0 passed, 4 warnings only, 3 failed, 5 incomplete, 6 a waiver has expired, 2 bad input,
    1 cannot be asked.
    """


@click.command()
@target_options
@gate_option
@judging_options
@output_options
@click.option("--show-probes", is_flag=True, help="Print what --probes would put into the cluster, and end.")
def run(
    gate: str,
    only: tuple[str, ...],
    skip: tuple[str, ...],
    waivers: Path | None,
    baseline: Path | None,
    output: str,
    output_file: Path | None,
    output_dir: Path | None,
    fail_on: str,
    show_probes: bool,
    **target: Any,
) -> int:
    """Validate a cluster and a database; what `kastellan preflight` does without a subcommand."""
    if show_probes:
        from kastellan.cli.preflight_probes import shown

        click.echo(shown(target_of_options(**target)), nl=False)
        return ExitCode.DONE
    expect_places(output_file, output_dir)
    looked_at = target_of_options(**target)
    judging = Judging(only, skip, waivers or looked_at.exemptions, baseline)
    seen = surveyed(looked_at, gate, judging.selection)
    report = judging.judged(seen)
    if target["stack"] and not (only or skip):
        keep_report(target["stack"], report)
    return written(report, output, output_file, output_dir, fail_on)
