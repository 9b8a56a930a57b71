"""What a tick did, for people and for machines."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kastellan.domain.errors import KastellanError
from kastellan.domain.ledger import Draft, LedgerEntry, utc_text


@dataclass(frozen=True, slots=True, kw_only=True)
class TickResult:
    """One installation's tick: what was recorded, subjects of what was sent, what did not get through yet."""

    installation: str
    recorded: Sequence[Draft | LedgerEntry]
    sent: tuple[str, ...]
    problems: tuple[str, ...] = ()


def text(results: Sequence[TickResult], failures: Mapping[str, KastellanError], *, dry_run: bool) -> str:
    """A paragraph an installation; what failed is told elsewhere."""
    would = "would be " if dry_run else ""
    lines = []
    for result in results:
        lines.append(f"{result.installation}: {len(result.recorded)} {would}recorded, {len(result.sent)} {would}sent")
        lines += [f"  {utc_text(one.at)}  {one.key}" for one in result.recorded]
        lines += [f"  notice: {subject}" for subject in result.sent]
        lines += [f"  not sent yet: {problem}" for problem in result.problems]
    if not lines and not failures:
        lines.append("no stack has a contract; nothing was due")
    return "".join(f"{line}\n" for line in lines)


def json_document(results: Sequence[TickResult], failures: Mapping[str, KastellanError], *, dry_run: bool) -> str:
    """All installations in one document."""
    document = {
        "schemaVersion": 1,
        "kind": "Tick",
        "dryRun": dry_run,
        "installations": [
            {
                "installation": result.installation,
                "recorded": [{"at": utc_text(one.at), "kind": one.kind, "key": one.key} for one in result.recorded],
                "sent": result.sent,
                "problems": result.problems,
            }
            for result in results
        ],
        "failures": [{"installation": name, "error": str(problem)} for name, problem in failures.items()],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
