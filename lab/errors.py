"""What goes wrong in the lab, and how it tells what it does."""

import sys
from collections.abc import Callable

Progress = Callable[[str], None]
"""Gets one line for people."""


class LabError(Exception):
    """The lab cannot do what it was asked; the message says what to do about it."""


def say(line: str) -> None:
    """Tell on standard error, so that standard output stays for results."""
    print(line, file=sys.stderr, flush=True)
