"""A customer's calendar file as closed times: whatever their program wrote, expanded by RFC 5545.

Where two readings differ, the longer closed time is taken, because an update in a time that somebody thought closed
is worse than a window that is shorter by an hour. Deliberately absent: what a file says about free and busy in other
words (VFREEBUSY, VAVAILABILITY, VTODO), EXRULE of the older RFC 2445, and X-WR-TIMEZONE, because floating times are
those of the contract's zone.
"""

import warnings
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import icalendar
from icalendar import Calendar
from recurring_ical_events import CalendarQuery

from kastellan.adapters.calendar.foreign_event import ForeignEvent, told
from kastellan.adapters.calendar.recurrence_work import MOST_STEPS
from kastellan.domain.errors import InvalidInputError
from kastellan.domain.interval import Interval
from kastellan.domain.local_time import midnight
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason

_MOST_BYTES = 10 * 1024 * 1024
_MARGIN = timedelta(days=2)
"""The library compares days and local times with instants by UTC; no zone is further away."""


def read_blackouts(path: Path, *, zone: str, since: datetime, until: datetime) -> tuple[Interval, ...]:
    """The closed times of an iCalendar file, ascending, half-open, cut to [since, until); they may overlap.

    A day is closed from local midnight to local midnight. A floating time is one of the contract's zone. What is
    cancelled or transparent (section 3.8.2.7) closes nothing, what is tentative does. Without an end, a day lasts a
    day and a time no time at all (section 3.6.1), so that nothing is closed. Where a change of the clock makes an
    event that recurs, or one with a DURATION, last longer by one reading (exact length, section 3.8.5.3) than by the
    other (the wall's clock, as calendar programs show it), the longer one is taken.

    Args:
        path: the file; at most 10 MiB, UTF-8.
        zone: IANA zone of the contract.
        since: begin of what is wanted (UTC).
        until: end of it (UTC).

    Raises:
        InvalidInputError: the file cannot be read or expanded; every reason names its event.
    """
    events = [ForeignEvent(event, zone) for calendar in _calendars(path) for event in calendar]
    groups: dict[str, list[ForeignEvent]] = defaultdict(list)
    for number, event in enumerate(events):
        groups[event.uid or f"{number}. event"].append(event)
    reasons = [_reason(event.title, *problem) for event in events for problem in event.problems(until + _MARGIN)]
    reasons += [reason for group in groups.values() for reason in _revisions(group)]
    reasons += _too_much(events, until + _MARGIN) if not reasons else []
    closed: list[Interval] = []
    if not reasons:
        for group in groups.values():
            try:
                closed += _closed(group, zone, since, until)
            except Exception as cause:  # the library raises whatever a strange event leads to
                reasons.append(_reason(group[0].title, f"it cannot be expanded: {told(str(cause))}", _AGAIN))
    if reasons:
        raise InvalidInputError(f"{path} cannot be read as closed times", reasons)
    return tuple(sorted(closed, key=lambda interval: (interval.start, interval.end, interval.names)))


_AGAIN = "correct the event in the calendar and export it again"


def _calendars(path: Path) -> Iterator[Sequence[Any]]:
    """The events of each calendar of the file."""
    export = "export the calendar again as an .ics file"
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise _unreadable(path, "it is larger than 10 MiB", "export only the calendar with the closed times")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as cause:
        raise _unreadable(path, cause.strerror or "the file system gave no reason", "check path and rights") from cause
    except UnicodeDecodeError as cause:
        raise _unreadable(path, "it is no text in UTF-8", export) from cause
    # The library keeps every VTIMEZONE that it ever read, and the next file of the same TZID would get the wrong one.
    icalendar.use_zoneinfo()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it guessed a zone from /vendor/Europe/Zurich
            components = Calendar.from_ical(text, multiple=True)
            events = [component.walk("VEVENT") for component in components]
    except Exception as cause:  # the library raises whatever strange bytes lead to
        raise _unreadable(path, f"it is no calendar: {told(str(cause))}", export) from cause
    if not components or any(component.name != "VCALENDAR" for component in components):
        raise _unreadable(path, "it has no complete VCALENDAR", export)
    if len(components) != sum(line.strip().upper() == "BEGIN:VCALENDAR" for line in text.splitlines()):
        raise _unreadable(path, "it is cut off", export)
    yield from events


def _closed(group: Sequence[ForeignEvent], zone: str, since: datetime, until: datetime) -> Iterator[Interval]:
    lengthened = any(event.recurs or event.has_duration for event in group)
    calendar = Calendar()
    for event in group:
        calendar.add_component(event.localised())
    for found in CalendarQuery(calendar).between(since - _MARGIN, until + _MARGIN):
        if not _closes(found):
            continue
        start, end = _instants(found["DTSTART"].dt, found["DTEND"].dt, zone, lengthened=lengthened)
        if max(start, since) < min(end, until):
            name = told(str(found.get("SUMMARY", ""))) or "closed by the customer's calendar"
            yield Interval(start=max(start, since), end=min(end, until), names=(name,))


def _closes(found: Mapping[str, Any]) -> bool:
    status, transparency = (str(found.get(name, "")).upper() for name in ("STATUS", "TRANSP"))
    return status != "CANCELLED" and transparency != "TRANSPARENT"


def _instants(start: date, end: date, zone: str, *, lengthened: bool) -> tuple[datetime, datetime]:
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        return midnight(start, zone), midnight(end, zone)
    first, last = start.astimezone(UTC), end.astimezone(UTC)
    # Both are of one zone, so that their difference is that of the wall's clock.
    return first, max(last, first + (end - start)) if lengthened else last


def _revisions(group: Sequence[ForeignEvent]) -> Iterator[Reason]:
    """Of several events with one UID only the last revision counts (section 3.8.7.4); which one must be clear."""
    heads = [(event.sequence, event) for event in group if not event.is_one_of_a_series]
    newest = max((sequence for sequence, _ in heads), default=0)
    if sum(sequence == newest for sequence, _ in heads) > 1:
        yield _reason(heads[0][1].title, "several events have this UID and none is the newest", _AGAIN)


def _too_much(events: Sequence[ForeignEvent], until: datetime) -> list[Reason]:
    taken = {event: event.steps(until) for event in events if event.recurs}
    if sum(taken.values()) <= MOST_STEPS:
        return []
    worst = max(taken, key=lambda event: taken[event])
    what = "the recurrences of this file have too many occurrences, most of them this event"
    return [_reason(worst.title, what, "let it begin later, or write what is closed as fewer events")]


def _reason(title: str, message: str, remediation: str) -> Reason:
    return Reason(code="calendar", message=message, owner=Party.CUSTOMER, remediation=remediation, path=title)


def _unreadable(path: Path, message: str, remediation: str) -> InvalidInputError:
    return InvalidInputError(f"{path} cannot be read as closed times", [_reason("", message, remediation)])
