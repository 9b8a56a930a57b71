"""The command line as a whole: help, exit codes, laziness."""

import importlib
import subprocess
import sys

import click
import pytest

from kastellan.cli.exit_code import ExitCode
from kastellan.cli.main import COMMANDS, run


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_table_exists_and_explains_itself(name: str) -> None:
    module, _, attribute = COMMANDS[name][0].partition(":")
    command = getattr(importlib.import_module(module), attribute)
    assert isinstance(command, click.Command)
    assert command.help, f"{name} has no help text"
    assert all(option.help for option in command.params if isinstance(option, click.Option))


def test_help_lists_every_command_and_succeeds(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == ExitCode.DONE
    shown = capsys.readouterr().out
    assert all(f"\n  {name} " in shown for name in COMMANDS)


def test_an_unknown_command_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["preflght"]) == ExitCode.BAD_INPUT
    assert "preflght" in capsys.readouterr().err


def test_help_imports_no_client_library() -> None:
    program = (
        "import sys; from kastellan.cli.main import run; run(['--help']); "
        "heavy = {'kubernetes', 'pulumi', 'sqlalchemy', 'pydantic', 'psycopg', 'rich', 'apprise'} & set(sys.modules); "
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
