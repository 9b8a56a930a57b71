"""A fleet's waves, and who waits for what, for people and for machines; instants for people in the contract's zone."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from io import StringIO
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from kastellan.domain.ledger import utc_text
from kastellan.domain.run_document import reason_document
from kastellan.planning.fleet_forecast import ReleaseForecast, Stage, Turn
from kastellan.planning.fleet_plan import Held

if TYPE_CHECKING:
    from kastellan.cli.fleet_survey import FleetSays

_WIDTH = 118
_MOST = 12
"""So many installations of a wave are listed for people; `--json` has all."""


def held_text(held: Sequence[Held], zones: Mapping[str, str]) -> str:
    """Who is due and did not begin, those with the same reason together."""
    together: dict[str, list[str]] = {}
    for one in held:
        name = one.candidate.installation
        if one.reason.code == "starts-later":
            together.setdefault("spread inside their windows", []).append(
                f"{name} at {_local(one.candidate.start, zones.get(name, 'UTC'))}"
            )
        else:
            together.setdefault(str(one.reason), []).append(name)
    lines = []
    for why, names in together.items():
        more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
        lines.append(f"not begun: {', '.join(names[:_MOST])}{more}\n  {why}\n")
    return "".join(lines)


def says_text(says: "FleetSays", stack: str, zone: str) -> str:
    """Whether the fleet holds an installation back that may begin by itself."""
    if not says.member:
        return f"fleet      it does not belong to it: only `kastellan maintain {stack}` begins it\n"
    if says.held is None:
        return "fleet      `kastellan maintain --due` begins it now\n"
    until = f" until {_local(says.held.until, zone)} ({zone})" if says.held.until else ""
    return (
        f"fleet      holds it back{until}: {says.held.reason}\n"
        f"           `kastellan maintain {stack}` would begin it now all the same\n"
    )


def says_document(says: "FleetSays") -> dict[str, Any]:
    """The same for machines."""
    return {"member": says.member, "held": held_document(says.held) if says.held else None}


def held_document(held: Held) -> dict[str, Any]:
    """The same of one for machines."""
    return {
        "installation": held.candidate.installation,
        "version": str(held.candidate.version),
        "start": utc_text(held.candidate.start),
        "latestStart": _instant(held.candidate.latest),
        "until": _instant(held.until),
        "reason": reason_document(held.reason),
    }


def forecast_text(release: ReleaseForecast, zones: Mapping[str, str], *, colour: bool) -> str:
    """A release's canary and waves, a line an installation."""
    buffer = StringIO()
    console = Console(file=buffer, force_terminal=colour, no_color=not colour, width=_WIDTH, highlight=False)
    console.print(f"rollout of {release.version}", markup=False)
    if release.stopped:
        console.print(f"  {release.stopped}", markup=False)
    for stage in release.stages:
        place = f"{len(stage.turns)} of {stage.size}" if stage.size else str(len(stage.turns))
        console.print(f"{stage.name}: {place}", markup=False)
        if stage.gate:
            console.print(f"  {stage.gate.message}", markup=False)
        console.print(_table(stage, zones))
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"


def forecast_document(release: ReleaseForecast) -> dict[str, Any]:
    """The same for machines, with every installation."""
    return {
        "version": str(release.version),
        "stopped": reason_document(release.stopped) if release.stopped else None,
        "stages": [
            {
                "name": stage.name,
                "size": stage.size,
                "gate": reason_document(stage.gate) if stage.gate else None,
                "installations": [_turn_document(turn) for turn in stage.turns],
            }
            for stage in release.stages
        ],
    }


def _table(stage: Stage, zones: Mapping[str, str]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 2), show_header=False)
    for turn in stage.turns[:_MOST]:
        at = _local(turn.at, zones.get(turn.installation, "UTC")) if turn.at else ""
        why = turn.reason.message if turn.reason and turn.reason.code != "starts-later" else ""
        table.add_row(Text(turn.installation), turn.state, at, Text("" if stage.gate else why))
    if len(stage.turns) > _MOST:
        table.add_row(f"and {len(stage.turns) - _MOST} more", "", "", "")
    return table


def _turn_document(turn: Turn) -> dict[str, Any]:
    return {
        "installation": turn.installation,
        "state": turn.state,
        "at": _instant(turn.at),
        "until": _instant(turn.until),
        "reason": reason_document(turn.reason) if turn.reason else None,
    }


def _instant(instant: datetime | None) -> str | None:
    return utc_text(instant) if instant else None


def _local(instant: datetime, zone: str) -> str:
    return instant.astimezone(ZoneInfo(zone)).strftime("%a %Y-%m-%d %H:%M")
