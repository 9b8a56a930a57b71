"""Windows for people and for machines."""

import json
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from kastellan.adapters.holiday_calendar import sources
from kastellan.domain.interval import Interval
from kastellan.domain.quarterly_promise import SHORTEST_WINDOW
from kastellan.domain.reason import Reason
from kastellan.domain.window import WindowPlan
from kastellan.domain.window_expansion import explain, local
from kastellan.domain.window_promise import Computed

SCHEMA_VERSION = 1


def text(stack: str, plan: WindowPlan, found: Sequence[Interval], broken: Sequence[Reason]) -> str:
    """A line a window, in local time; then what breaks the promise."""
    lines = [f"Maintenance windows of {stack}, local time of {plan.zone}"]
    lines += [_line(interval, plan.zone) for interval in found] or ["  none"]
    lines += [f"These rules overlap and are merged: {', '.join(names)}" for names in overlapping(found)]
    if broken:
        lines += ["", "These windows break the promise:", *(f"  - {reason}" for reason in broken)]
    return "\n".join(lines) + "\n"


def json_document(
    stack: str, plan: WindowPlan, now: datetime, until: datetime, found: Sequence[Interval], broken: Sequence[Reason]
) -> str:
    """All windows in UTC and local time, with the hash of their inputs and the versions of the data."""
    document = {
        "schemaVersion": SCHEMA_VERSION,
        "kind": "MaintenanceWindows",
        "stack": stack,
        "zone": plan.zone,
        "asOf": _utc(now),
        "sources": sources(),
        "inputs": Computed(windows=found, plan=plan, sources=sources()).inputs(now, until),
        "merged": [list(names) for names in overlapping(found)],
        "windows": [
            {
                "start": _utc(interval.start),
                "end": _utc(interval.end),
                "localStart": local(interval.start, plan.zone),
                "seconds": int(interval.duration.total_seconds()),
                "counts": interval.duration >= SHORTEST_WINDOW,
                "names": list(interval.names),
                "clockChange": interval.clock_change.value if interval.clock_change else None,
            }
            for interval in found
        ],
        "brokenPromises": [{"code": reason.code, "message": reason.message} for reason in broken],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def overlapping(found: Sequence[Interval]) -> list[tuple[str, ...]]:
    """The names of rules whose windows were merged into one, each group once."""
    return list(dict.fromkeys(interval.names for interval in found if len(interval.names) > 1))


def explanation(plan: WindowPlan, instant: datetime, *, as_json: bool) -> str:
    """Why an instant is in or out, rule by rule."""
    inside, reasons = explain(plan, instant)
    if as_json:
        return json.dumps({"instant": _utc(instant), "open": inside, "reasons": list(reasons)}, indent=2) + "\n"
    head = f"{local(instant, plan.zone)} is {'inside' if inside else 'outside'} a maintenance window"
    return "\n".join([head, *(f"  - {reason}" for reason in reasons)]) + "\n"


def _line(interval: Interval, zone: str) -> str:
    there = ZoneInfo(zone)
    start, end = interval.start.astimezone(there), interval.end.astimezone(there)
    hours = interval.duration.total_seconds() / 3600
    notes = [*interval.names]
    if interval.duration < SHORTEST_WINDOW:
        notes.append("too short to count for the promise")
    if interval.clock_change:
        notes.append(f"its start is {interval.clock_change.value} by the change of the clock")
    return f"  {start:%a %Y-%m-%d %H:%M} to {end:%a %H:%M}  {hours:4.1f} h  {', '.join(notes)}"


def _utc(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
