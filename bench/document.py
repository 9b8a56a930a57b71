"""The page of figures, and the file that keeps them between measurements."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import yaml

from bench.measure import Row

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one part came to, when, and on what machine."""

    on: str
    machine: str
    rows: list[Row]


def read() -> dict[str, Measured]:
    """What was measured before."""
    document = yaml.safe_load((FOLDER / "measured.yaml").read_text(encoding="utf-8"))
    return {
        part: Measured(on=one["on"], machine=one["machine"], rows=[(a, b, c) for a, b, c in one["rows"]])
        for part, one in document.items()
    }


def write(known: Mapping[str, Measured]) -> None:
    """Keep what was measured."""
    plain = {part: asdict(one) | {"rows": [list(row) for row in one.rows]} for part, one in sorted(known.items())}
    text = "# Written by `python -m bench`; docs/benchmarks.md is made of it.\n" + yaml.safe_dump(
        plain, sort_keys=False, allow_unicode=True, width=120
    )
    (FOLDER / "measured.yaml").write_text(text, encoding="utf-8")


def document(parts: Mapping[str, str], known: Mapping[str, Measured]) -> str:
    """The page, in the order of the parts."""
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench` and `make bench-upgrade`. Machines differ; the ratios travel better than the seconds.",
        "",
    ]
    for part, title in parts.items():
        if part in known:
            lines += [f"## {title[0].upper()}{title[1:]}", "", f"{known[part].on}, {known[part].machine}.", ""]
            lines += _table(known[part].rows)
    first_run = yaml.safe_load((FOLDER / "first_run.yaml").read_text(encoding="utf-8"))
    lines += [
        "## The first time on a machine",
        "",
        "Measured by hand from a fresh clone, because it builds Kubernetes and Pulumi (`bench/first_run.yaml`).",
        "",
        *_table([(row["what"], row["measured"], f"`{row['command']}`") for row in first_run]),
    ]
    return "\n".join(lines)


def _table(rows: list[Row]) -> list[str]:
    return [
        "| what | measured | command |",
        "|---|---|---|",
        *(f"| {what} | {value} | {how} |" for what, value, how in rows),
        "",
    ]
