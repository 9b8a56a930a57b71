"""How long the command line takes to say anything."""

import os
import sys
from pathlib import Path

from bench.measure import Row, command, ratio, seconds


def measure() -> list[Row]:
    """Help and one command that needs little, next to a bare Python."""
    kastellan = Path(sys.executable).with_name("kastellan")
    bare = seconds(command([sys.executable, "-c", "pass"], environment=os.environ), runs=9)
    rows = [("a bare Python, for comparison", str(bare), "`python -c pass`")]
    for name in ("--help", "schema"):
        taken = seconds(command([kastellan, name], environment=os.environ), runs=9)
        rows.append(
            (f"`kastellan {name}`", f"{taken}; {ratio(taken, bare)} times a bare Python", f"`kastellan {name}`")
        )
    return rows
