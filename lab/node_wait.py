"""Running commands of the system and waiting for their effects, with errors that say what did not come about."""

import subprocess
import time
from collections.abc import Callable, Sequence

from lab.errors import LabError


def run(command: Sequence[str], *, stdin: str | None = None, seconds: float = 60) -> str:
    """Run a command of the system and return what it prints.

    Raises:
        LabError: it fails; the message holds what it said.
    """
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, timeout=seconds)
    if done.returncode != 0:
        raise LabError(f"{' '.join(command)} failed: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def wait_for(condition: Callable[[], bool], *, what: str, seconds: float) -> None:
    """Wait until something is so.

    Raises:
        LabError: it is not, in this time.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise LabError(f"still no {what} after {seconds:.0f} s")
        time.sleep(0.05)
