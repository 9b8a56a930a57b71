"""What planning a fleet takes: thirteen months of offers, months and clocks, by the size of the fleet."""

import os
import sys
from pathlib import Path

from bench.measure import Row, command, peak_memory, seconds

SIZES = (100, 1_000, 10_000)


def measure() -> list[Row]:
    """Time and memory for each size; where growth is linear, one installation more always takes the same."""
    kastellan = Path(sys.executable).with_name("kastellan")
    idle = seconds(command([kastellan, "simulate", "--installations", "1"], environment=os.environ), runs=3)
    rows = [("planning one installation, for comparison", str(idle), "`kastellan simulate --installations 1`")]
    for size in SIZES:
        arguments = [kastellan, "simulate", "--installations", str(size), "--months", "13"]
        taken = seconds(command(arguments, environment=os.environ), runs=1 if size == max(SIZES) else 3)
        each = (taken.median - idle.median) / (size - 1) * 1000
        memory = peak_memory(arguments, environment=os.environ)
        how = f"`kastellan simulate --installations {size} --months 13`"
        rows.append((f"planning {size} installations", f"{taken}; {each:.2f} ms for each more; {memory:.0f} MiB", how))
    return rows
