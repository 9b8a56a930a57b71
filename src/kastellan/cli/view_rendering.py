"""A status document as a person reads it: local time, colour on a terminal only, whose turn it is."""

from collections.abc import Iterable, Mapping
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from kastellan.domain.ledger import utc_instant

_WIDTH = 118
_HOLDS = {"yes": "holds", "no": "does not hold", "not given": "not given", "unknown": "unknown"}
_STYLES = {"normal": "green", "denying": "yellow"}


def status_text(document: Mapping[str, Any], *, colour: bool) -> str:
    """All of an installation."""
    zone = document["zone"]
    buffer = StringIO()
    console = _console(buffer, colour=colour)
    state = document["state"]
    suspended = "; service level and liability suspended [MU-6]" if document["suspended"] else ""
    version = document["version"] or "not taken over yet"
    console.print(Text(f"{document['installation']}  {version}  "), Text(state, _STYLES.get(state, "red")), suspended)
    console.print(f"local time of {zone}, as of {_local(document['asOf'], zone)}")
    console.print(f"next window      {_local(document['nextWindow'], zone)}")
    console.print(f"quarter ends     {_local(document['quarterEnds'], zone)}  [MU-2]", markup=False)
    for clock in document["clocks"]:
        console.print(
            f"clock            {_local(clock['ends'], zone)}  {clock['what']} [{clock['clause']}]", markup=False
        )
    _lines(console, "months", (f"{m['month']}  {m['state']}: {m['because']}" for m in document["months"]))
    _lines(console, "offered", (_offer(offer, zone) for offer in document["decisions"]))
    _lines(
        console,
        "guarantees",
        (f"{_HOLDS[one['holds']]:<13}  {one['what']}: {one['because']}" for one in document["guarantees"]),
    )
    _pending(console, document["pending"], zone)
    return _text(buffer)


def pending_text(documents: Iterable[Mapping[str, Any]], *, colour: bool) -> str:
    """The pending updates of several installations."""
    buffer = StringIO()
    console = _console(buffer, colour=colour)
    for document in documents:
        console.print(f"{document['installation']}, local time of {document['zone']}", markup=False)
        _pending(console, document["pending"], document["zone"])
    return _text(buffer)


def _pending(console: Console, pending: Iterable[Mapping[str, Any]], zone: str) -> None:
    for update in pending:
        console.print()
        console.print(f"pending {update['item']}: {update['version']}, {update['class']}", markup=False)
        table = Table(box=None, padding=(0, 2, 0, 2), show_header=False)
        for name in ("earliest", "due", "forced", "effective"):
            date = update[name]
            table.add_row(name, _local(date["at"], zone), Text(f"{date['because']} [{date['clause']}]"))
        console.print(table)
        for blocker in update["blockers"]:
            turn = f"{blocker['owner']} acts: {blocker['remediation']}"
            console.print(f"  blocked: {blocker['message']} [{blocker['clause']}]. {turn}", markup=False)


def _offer(offer: Mapping[str, Any], zone: str) -> str:
    said = f"{offer['decision']} by {offer['who']}" if offer["decision"] else "no answer"
    in_time = "" if offer["offeredInTime"] else ", not offered in time"
    runs = "runs" if offer["mayRun"] else "does not run"
    return f"{_local(offer['start'], zone)}  {offer['item']}: {said}{in_time}; {runs}"


def _lines(console: Console, title: str, lines: Iterable[str]) -> None:
    for number, line in enumerate(lines):
        console.print(f"{title if number == 0 else '':<17}{line}", markup=False)


def _local(instant: str | None, zone: str) -> str:
    if instant is None:
        return "none"
    return utc_instant(instant).astimezone(ZoneInfo(zone)).strftime("%a %Y-%m-%d %H:%M")


def _console(buffer: StringIO, *, colour: bool) -> Console:
    return Console(file=buffer, force_terminal=colour, no_color=not colour, width=_WIDTH, highlight=False)


def _text(buffer: StringIO) -> str:
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"
