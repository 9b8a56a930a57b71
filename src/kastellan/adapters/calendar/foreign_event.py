"""An event of somebody else's calendar file: what is wrong with it, and the same event without floating times."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from icalendar.prop import vBroken, vDDDLists, vDDDTypes, vRecur

from kastellan.adapters.calendar import recurrence_work
from kastellan.domain.local_time import midnight

_TIMES = ("DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE", "RDATE")
_THAT_COUNT = frozenset({*_TIMES, "DURATION", "RRULE", "SEQUENCE", "STATUS", "TRANSP", "UID"})
_CORRECT = "correct the event in the calendar and export it again"
_MOST_TOLD = 80

Problem = tuple[str, str]
"""What is the matter, and what to do."""


class ForeignEvent:
    """One VEVENT of a file.

    Args:
        event: an `icalendar.Event`, as it was parsed; it is not changed.
        zone: IANA zone of its floating times.
    """

    def __init__(self, event: Any, zone: str) -> None:
        self._event = event
        self._zone = zone

    @cached_property
    def uid(self) -> str:
        """Empty where it has none, against section 3.8.4.7."""
        return str(self._event.get("UID", ""))

    @property
    def title(self) -> str:
        """What people find it by."""
        summary = told(str(self._event.get("SUMMARY", ""))) or "without a summary"
        return f"event {summary!r} (UID {told(self.uid) or 'missing'})"

    @property
    def recurs(self) -> bool:
        """Whether it has more than one occurrence."""
        return "RRULE" in self._event or "RDATE" in self._event

    @property
    def has_duration(self) -> bool:
        """Whether its end is written as a length."""
        return "DURATION" in self._event

    @property
    def is_one_of_a_series(self) -> bool:
        """Whether it replaces one occurrence of another event (section 3.8.4.4)."""
        return "RECURRENCE-ID" in self._event

    @property
    def sequence(self) -> int:
        """Its revision (section 3.8.7.4)."""
        found = self._event.get("SEQUENCE", 0)
        return found if isinstance(found, int) else 0

    def steps(self, until: datetime) -> int:
        """About how many steps it takes to expand it up to an instant (UTC); it must have no problems."""
        start = self._localised(self._event["DTSTART"].dt)
        return sum(recurrence_work.steps(rule, start, until) for rule in self._rules())

    def problems(self, until: datetime) -> Iterator[Problem]:
        """Everything that keeps it from being expanded up to an instant (UTC)."""
        broken = sorted({name for name, _ in self._event.errors if name is None or name in _THAT_COUNT} - {None})
        unparsed = [*broken, *(["a line"] if any(name is None for name, _ in self._event.errors) else [])]
        twice = sorted(name for name in ("DTSTART", "DTEND", "DURATION") if isinstance(self._event.get(name), list))
        unknown = self._unknown_zones()
        for zone in unknown:
            yield (
                f"its time zone {told(zone)!r} is neither an IANA name nor defined in the file",
                ("export the calendar with its time zones (VTIMEZONE), or write an IANA name"),
            )
        if unparsed:
            yield f"{' and '.join(unparsed)} cannot be understood", _CORRECT
        if twice:
            yield f"it has {' and '.join(twice)} twice", _CORRECT
        if "DTSTART" not in self._event:
            yield "it has no start (DTSTART)", _CORRECT
        elif not (unparsed or twice or unknown):
            yield from self._problems_of_the_end()
            yield from self._problems_of_recurrence(until)

    def localised(self) -> Any:
        """A copy in which every floating time is one of the zone, and UNTIL is of the kind that the start asks for.

        The library reads a UNTIL without a zone as UTC, which drops the last evening of a series or adds one.
        """
        copy = self._event.copy()
        for name in _TIMES:
            if name in copy:
                copy[name] = _mapped(copy[name], self._localised)
        if "RRULE" in copy:
            copy["RRULE"] = [self._bounded(rule, copy["DTSTART"].dt) for rule in self._rules()]
        return copy

    def _problems_of_the_end(self) -> Iterator[Problem]:
        start, end = self._event["DTSTART"].dt, self._event.get("DTEND")
        is_day = not isinstance(start, datetime)
        duration = self._event["DURATION"].dt if self.has_duration else None
        if end is not None and duration is not None:
            yield "it has an end and a duration", _CORRECT
        elif end is not None and is_day is isinstance(end.dt, datetime):
            yield "one of start and end is a day and the other a time", _CORRECT
        elif end is not None and self._instant(end.dt) <= self._instant(start):
            yield "it ends before it begins, or when it begins; a day ends on the day after it", _CORRECT
        elif duration is not None and duration <= timedelta(0):
            yield "its duration is not more than nothing", _CORRECT
        elif duration is not None and is_day and duration % timedelta(days=1):
            yield "it begins with a day and its duration has hours", _CORRECT

    def _problems_of_recurrence(self, until: datetime) -> Iterator[Problem]:
        for rule in self._rules():
            try:
                recurrence_work.steps(rule, self._localised(self._event["DTSTART"].dt), until)
            except (ValueError, OverflowError, TypeError) as cause:
                yield told(str(cause)), "write the closed time as whole days, or give its recurrence an end"

    def _unknown_zones(self) -> list[str]:
        """Names of zones for which the library had no definition, so that it left the times without one."""
        values = [
            value for name in _TIMES for value in _listed(self._event.get(name)) if not isinstance(value, vBroken)
        ]
        found = {
            str(value.params["TZID"])
            for value in values
            if "TZID" in value.params and any(_is_naive(moment) for moment in _moments(value))
        }
        return sorted(found)

    def _rules(self) -> list[vRecur]:
        return _listed(self._event.get("RRULE"))

    def _bounded(self, rule: vRecur, start: date) -> vRecur:
        bounded = vRecur(rule)
        for until in _listed(rule.get("UNTIL")):
            if not isinstance(start, datetime):
                bounded["UNTIL"] = [date(until.year, until.month, until.day)]
            else:
                whole = until if isinstance(until, datetime) else datetime.combine(until, time(23, 59, 59))
                aware = whole if whole.tzinfo else whole.replace(tzinfo=start.tzinfo)
                bounded["UNTIL"] = [aware.astimezone(UTC)]
        return bounded

    def _localised(self, moment: Any) -> Any:
        if isinstance(moment, tuple):
            return tuple(self._localised(part) for part in moment)
        return moment.replace(tzinfo=ZoneInfo(self._zone)) if _is_naive(moment) else moment

    def _instant(self, moment: date) -> datetime:
        if isinstance(moment, datetime):
            aware: datetime = self._localised(moment)
            return aware.astimezone(UTC)
        return midnight(moment, self._zone)


def told(text: str) -> str:
    """Somebody else's text for a message: one line of printable characters, not too long."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return plain if len(plain) <= _MOST_TOLD else plain[: _MOST_TOLD - 1] + "…"


def _listed(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _moments(value: Any) -> Iterator[Any]:
    for each in value.dts if isinstance(value, vDDDLists) else [value]:
        yield from each.dt if isinstance(each.dt, tuple) else (each.dt,)


def _is_naive(moment: Any) -> bool:
    return isinstance(moment, datetime) and moment.tzinfo is None


def _mapped(value: Any, change: Any) -> Any:
    """The same property with changed times; parameters such as RANGE stay."""
    if isinstance(value, list):
        return [_mapped(each, change) for each in value]
    if isinstance(value, vDDDLists):
        return vDDDLists([change(each.dt) for each in value.dts])
    mapped = vDDDTypes(change(value.dt))
    if "RANGE" in value.params:
        mapped.params["RANGE"] = value.params["RANGE"]
    return mapped
