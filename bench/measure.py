"""Taking times and memory of commands, and what a measurement is."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Row = tuple[str, str, str]
"""What was measured, the figure, and the command that made it."""


@dataclass(frozen=True, slots=True)
class Seconds:
    """Several runs of the same thing."""

    runs: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.runs)

    def __str__(self) -> str:
        if len(self.runs) == 1:
            return f"{self.runs[0]:.2f} s (one run)"
        return f"{self.median:.2f} s (median of {len(self.runs)}, {min(self.runs):.2f} to {max(self.runs):.2f})"


def seconds(act: Callable[[], object], *, runs: int) -> Seconds:
    """Run it so many times, one after the other."""
    taken = []
    for _ in range(runs):
        began = time.perf_counter()
        act()
        taken.append(time.perf_counter() - began)
    return Seconds(tuple(taken))


def command(
    arguments: Sequence[str | Path],
    *,
    environment: Mapping[str, str],
    allowed: Sequence[int] = (0,),
    folder: Path | None = None,
) -> Callable[[], None]:
    """A command as something to be run in a folder; fails where it ends with another exit code than those allowed."""

    def act() -> None:
        done = subprocess.run(arguments, env=dict(environment), cwd=folder, capture_output=True, check=False)
        if done.returncode not in allowed:
            raise RuntimeError(
                f"{arguments} ended with {done.returncode}: {(done.stdout + done.stderr).decode()[-3000:]}"
            )

    return act


def peak_memory(
    arguments: Sequence[str | Path], *, environment: Mapping[str, str], folder: Path | None = None
) -> float:
    """Largest resident set of a command in MiB, measured from a process of its own that starts nothing else."""
    program = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        env=dict(environment), cwd=folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return int(said.stdout) / 1024


def ratio(one: Seconds, other: Seconds) -> str:
    """Of the medians."""
    return f"{one.median / other.median:.1f}"
