"""Where the lab keeps what it builds and what it runs, by the XDG base directory specification."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """Built tools and images: safe to delete, costly to make again."""
    return _base("XDG_CACHE_HOME", ".cache") / "kastellan" / "lab"


def state_folder() -> Path:
    """Running labs: one folder each, with process ids, logs and data; `python -m lab down` reads it."""
    return _base("XDG_STATE_HOME", ".local/state") / "kastellan" / "lab"


SHARED = Path("/var/tmp")  # noqa: S108 - what lies there belongs to one user and is closed to the others
"""For a program that must not run as root: a home directory of root's is closed to it."""


def _base(variable: str, default: str) -> Path:
    configured = os.environ.get(variable, "")
    return Path(configured) if configured else Path.home() / default
