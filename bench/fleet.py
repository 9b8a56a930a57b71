"""What planning a fleet takes: thirteen months of offers, months and clocks, by the size of the fleet."""

import os
import subprocess
import sys
from pathlib import Path

from bench.measure import Row

SIZES = (100, 1_000, 10_000)
_PROGRAM = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""


def measure() -> list[Row]:
    """Processor time and memory for each size; where growth is linear, one installation more always takes the same.

    Processor time, because the wall's clock counts what else the machine does.
    """
    idle, _ = _used(1)
    rows = [("planning one installation, for comparison", f"{idle:.2f} s of CPU", _how(1))]
    for size in SIZES:
        taken, memory = _used(size)
        each = (taken - idle) / (size - 1) * 1000
        figure = f"{taken:.2f} s of CPU; {each:.2f} ms for each more; {memory:.0f} MiB"
        rows.append((f"planning {size} installations", figure, _how(size)))
    return rows


def _how(size: int) -> str:
    return f"`kastellan simulate --installations {size} --months 13`"


def _used(size: int) -> tuple[float, float]:
    """Seconds of CPU and MiB of a run."""
    kastellan = Path(sys.executable).with_name("kastellan")
    arguments = [kastellan, "simulate", "--installations", str(size), "--months", "13"]
    said = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *map(str, arguments)],
        env=dict(os.environ), capture_output=True, text=True, check=True,
    )  # fmt: skip
    seconds, memory = said.stdout.split()
    return float(seconds), float(memory)
