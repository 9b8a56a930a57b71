"""Several installations in one command: what is wrong with one is told, and the others go on."""

from collections.abc import Mapping

import click

from kastellan.cli.exit_code import ExitCode
from kastellan.domain.errors import InvalidInputError, KastellanError


def tell(failures: Mapping[str, KastellanError]) -> None:
    """Write every failure to standard error."""
    for installation, problem in failures.items():
        click.echo(f"error: {installation}: {problem}", err=True)


def exit_code(failures: Mapping[str, KastellanError], otherwise: ExitCode) -> ExitCode:
    """The exit code of the whole: a failure of ours is worse than bad input, and that than anything else."""
    if not failures:
        return otherwise
    ours = any(not isinstance(problem, InvalidInputError) for problem in failures.values())
    return ExitCode.TOOL_FAILURE if ours else ExitCode.BAD_INPUT
