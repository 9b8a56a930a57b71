"""`python -m bench [PART ...]`: measures, and writes docs/benchmarks.md with the command behind every figure.

Parts that are not named keep the figures that they have, with the day on which they were measured: they are in
bench/measured.yaml, from which the page is written.
"""

import argparse
import importlib
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench.document import Measured, document, read, write
from lab.tool_pins import TOOLS
from lab.tools import ensure

ROOT = Path(__file__).parent.parent
PARTS = {
    "help": "the command line",
    "fleet": "planning a fleet",
    "maintain": "maintenance of a fleet",
    "preflight": "the preflight",
    "compare": "the preflight beside another",
    "up": "`pulumi up`",
    "clouds": "a base on Google Cloud and on AWS, which are simulated",
    "provisioner": "operations of the provisioner",
    "runner": "a maintenance run",
    "upgrade": "an update under load",
    "lab": "the lab",
}
"""Module of this package → what it measures, in the order of the page. Each has `measure() -> list[Row]`."""
WITHOUT_LAB = frozenset({"help", "fleet", "maintain"})
"""Need none of the lab's tools."""
RARE = ("upgrade", "compare")
"""Measured only where they are named: they take minutes and want the machine, or a tool of their own (`compare`)."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of: {', '.join(PARTS)}; else all but {RARE}")
    parts = parser.parse_args().parts or [part for part in PARTS if part not in RARE]
    if unknown := sorted(set(parts) - PARTS.keys()):
        parser.error(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    if set(parts) - WITHOUT_LAB:
        ensure(tuple(TOOLS))
    os.environ.pop(
        "PYTHONDONTWRITEBYTECODE", None
    )  # users' installations have compiled files, and so has what is measured
    known = read()
    for part in parts:
        print(f"measuring {PARTS[part]}", file=sys.stderr, flush=True)
        rows = importlib.import_module(f"bench.{part}").measure()
        known[part] = Measured(on=f"{datetime.now(UTC):%Y-%m-%d}", machine=_machine(), rows=rows)
        write(known)  # after each part: the next one may fail
        (ROOT / "docs" / "benchmarks.md").write_text(document(PARTS, known), encoding="utf-8")


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


if __name__ == "__main__":
    main()
