"""The `kastellan` command: a table of commands, each loaded only when it is called.

Importing every command would make `--help` and shell completion wait for clients they never use, so the group knows the
one-line help of each command and imports its module on demand.
"""

import errno
import gc
import importlib
import os
import sys
from typing import Any

import click

from kastellan.cli.exit_code import ExitCode
from kastellan.domain.errors import InvalidInputError, KastellanError

COMMANDS: dict[str, tuple[str, str]] = {
    "new": ("kastellan.cli.new:new", "Make a stack file for a new installation, with its masterkey as a secret."),
    "preflight": ("kastellan.cli.preflight:preflight", "Validate a cluster and a database against the prerequisites."),
    "size": ("kastellan.cli.size:size", "Replicas, nodes and database for a load, with the reasoning."),
    "cost": ("kastellan.cli.cost:cost", "What a stack's infrastructure costs a month, before it is made."),
    "adopt": ("kastellan.cli.adopt:adopt", "Take over what a killed update made on a cloud and could not note."),
    "windows": ("kastellan.cli.windows:windows", "List maintenance windows; explain why an instant is in or out."),
    "status": ("kastellan.cli.status:status", "Where installations stand: version, clocks, decisions, guarantees."),
    "pending": ("kastellan.cli.status:pending", "Pending updates with their dates, reasons and clauses."),
    "decide": ("kastellan.cli.decide:decide", "Record what a customer says to an offer; show what a denial leads to."),
    "termination": (
        "kastellan.cli.termination:termination",
        "Draft a notice of termination; record that a named person gives it.",
    ),
    "tick": ("kastellan.cli.tick:tick", "Record what has become due and send the notices; for cron or a pipeline."),
    "plan": ("kastellan.cli.plan:plan", "The maintenance run that may begin now, step by step, or why none may."),
    "maintain": (
        "kastellan.cli.maintain:maintain",
        "Bring what is due to an installation, or to all, inside their windows.",
    ),
    "runs": ("kastellan.cli.runs:runs", "What was run, step by step, and what it came to."),
    "restore-points": (
        "kastellan.cli.restore_points:restore_points",
        "List, make and check the restore points of an installation's database.",
    ),
    "drill": ("kastellan.cli.drill:drill", "Restore into a scratch database, compare, and record RPO and RTO."),
    "calendar": ("kastellan.cli.calendar:calendar", "Write an installation's maintenance as a .ics file."),
    "ledger": ("kastellan.cli.ledger:ledger", "Show, verify, sign and export what was recorded."),
    "simulate": (
        "kastellan.cli.simulate:simulate",
        "Play a year of a fleet on paper: missed promises, load of nights.",
    ),
    "catalogue": ("kastellan.cli.catalogue:catalogue", "Sign the release catalogue, and verify its signature."),
    "schema": ("kastellan.cli.schema:schema", "Print the JSON Schema of the stack configuration, or of reports."),
}
"""Command name → (module:attribute, one-line help)."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called, not when they are listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the table, which is the order in which an installation's life needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Exit codes: 0 done, 1 tool failure, 2 usage or bad input, 3 failed, 4 warnings only, "
    "5 incomplete or blocked, 6 evidence invalid, 130 interrupted.",
)
@click.version_option(package_name="kastellan", prog_name="kastellan", message="%(prog)s %(version)s")
def cli() -> None:
    """Validate, provision and maintain dedicated ZITADEL installations.

    `pulumi up` of an installation's stack is what changes it; these commands decide whether and when, check what it
    needs, and record what was done. STACK is the name of a file stacks/Pulumi.STACK.yaml.
    """


def main() -> None:
    """Entry point of the console script: errors become one message on stderr and a documented exit code."""
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except OSError:  # whoever reads it is gone: what is left is nobody's, and the interpreter would complain
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    gc.disable()
    gc.freeze()  # or Python looks through all that was imported several times, to end as it would without
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run the command line and return its exit code, whatever happens."""
    try:
        result: Any = cli.main(args=arguments, prog_name="kastellan", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.Abort:
        click.echo("interrupted", err=True)
        return ExitCode.INTERRUPTED
    except click.ClickException as problem:
        problem.show()
        return ExitCode.BAD_INPUT
    except KastellanError as problem:
        click.echo(f"error: {problem}", err=True)
        return ExitCode.BAD_INPUT if isinstance(problem, InvalidInputError) else ExitCode.TOOL_FAILURE
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        return ExitCode.INTERRUPTED
    except OSError as problem:
        if problem.errno != errno.ENOSPC:
            raise
        click.echo("error: there is no space left where this is written to", err=True)
        return ExitCode.TOOL_FAILURE
    return result if isinstance(result, int) else ExitCode.DONE
