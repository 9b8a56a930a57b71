"""The option that says where the ledgers are; every command that reads or records takes it."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click


def default_folder() -> Path:
    """Where a user's state lies (XDG Base Directory Specification)."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "kastellan"


def _default_store() -> str:
    return f"sqlite:///{default_folder() / 'store.sqlite'}"


def store_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--store`, with its environment variable and its default."""
    return click.option(
        "--store",
        "store_url",
        envvar="KASTELLAN_STORE",
        default=_default_store,
        show_default="a file in the state folder",
        help="Where the ledgers are: sqlite:///PATH or postgresql://USER@HOST/NAME; also KASTELLAN_STORE.",
    )(command)
