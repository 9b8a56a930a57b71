"""The option that says where the ledgers are; every command that reads or records takes it."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click


def default_store() -> str:
    """A file in the user's state folder (XDG Base Directory Specification)."""
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return f"sqlite:///{Path(state) / 'kastellan' / 'store.sqlite'}"


def store_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--store`, with its environment variable and its default."""
    return click.option(
        "--store",
        "store_url",
        envvar="KASTELLAN_STORE",
        default=default_store,
        show_default="a file in the state folder",
        help="Where the ledgers are: sqlite:///PATH or postgresql://USER@HOST/NAME; also KASTELLAN_STORE.",
    )(command)
