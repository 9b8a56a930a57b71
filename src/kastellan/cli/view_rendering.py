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
    """All of an installation; what the document does not have is left out."""
    zone = document["zone"]
    buffer = StringIO()
    console = _console(buffer, colour=colour)
    state = document["state"]
    head = Text(f"{document['installation']}  {document['version'] or 'not taken over yet'}  ")
    head.append(state, _STYLES.get(state, "red"))
    if document["suspended"]:
        head.append("  service level and liability are suspended [MU-6]", "red")
    console.print(head)
    console.print(f"local time of {zone}, as of {_local(document['asOf'], zone)}", markup=False)
    if "nextWindow" in document:
        _lines(console, "next window", [_local(document["nextWindow"], zone)])
    broken = f"; broken, on the side of the {document['promiseBrokenBy']}" if document["promiseBrokenBy"] else ""
    _lines(console, "quarter ends", [f"{_local(document['quarterEnds'], zone)}{broken} [MU-2]"])
    clocks = (f"{_local(one['ends'], zone)}  {one['what']} [{one['clause']}]" for one in document["clocks"])
    _lines(console, "clocks", clocks)
    _lines(console, "months", (f"{m['month']}  {m['state']}: {m['because']}" for m in document["months"]))
    _lines(console, "escalations", (_escalation(one, zone) for one in document["escalations"]))
    _lines(console, "suspended", (_suspension(one, zone) for one in document["suspensions"]))
    _lines(console, "offered", (_offer(offer, zone) for offer in document["decisions"]))
    guarantees = (f"{_HOLDS[one['holds']]}: {one['what']}: {one['because']}" for one in document.get("guarantees", ()))
    _lines(console, "guarantees", guarantees)
    _pending(console, document.get("pending", ()), zone)
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
        if update["downtimeExpected"]:
            table.add_row("downtime", "expected", "its advisory announces it")
        for advisory in update["advisories"]:
            table.add_row("read first", advisory["name"], Text(f"{advisory['action']}: {advisory['link']}"))
        for blocker in update["blockers"]:
            turn = f"{blocker['owner']} acts: {blocker['remediation']}"
            table.add_row("blocked", blocker["code"], Text(f"{blocker['message']} [{blocker['clause']}]. {turn}"))
        console.print(table)


def _offer(offer: Mapping[str, Any], zone: str) -> str:
    said = f"{offer['decision']} by {offer['who']}" if offer["decision"] else "no answer"
    in_time = "" if offer["offeredInTime"] else ", not offered in time"
    runs = "runs" if offer["mayRun"] else "does not run"
    return f"{_local(offer['start'], zone)}  {offer['item']}: {said}{in_time}; {runs}"


def _escalation(one: Mapping[str, Any], zone: str) -> str:
    right = f"; right to terminate since {_local(one['rightAt'], zone)} [MU-5]" if one["rightAt"] else ""
    ended = f"; over since {_local(one['completedAt'], zone)}" if one["completedAt"] else ""
    return f"{_local(one['failedAt'], zone)}  {one['item']}: {one['because']} [MU-4]{right}{ended}"


def _suspension(one: Mapping[str, Any], zone: str) -> str:
    until = f"until {_local(one['until'], zone)}" if one["until"] else "and still"
    return f"since {_local(one['since'], zone)} {until}, for {one['item']} [MU-6]"


def _lines(console: Console, title: str, lines: Iterable[str]) -> None:
    """A title and its lines; what is too long goes on under its beginning."""
    table = Table.grid(padding=0)
    table.add_column(width=17, no_wrap=True)
    table.add_column()
    for number, line in enumerate(lines):
        table.add_row(title if number == 0 else "", Text(line))
    if table.row_count:
        console.print(table)


def _local(instant: str | None, zone: str) -> str:
    if instant is None:
        return "none"
    return utc_instant(instant).astimezone(ZoneInfo(zone)).strftime("%a %Y-%m-%d %H:%M")


def _console(buffer: StringIO, *, colour: bool) -> Console:
    return Console(file=buffer, force_terminal=colour, no_color=not colour, width=_WIDTH, highlight=False)


def _text(buffer: StringIO) -> str:
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"
