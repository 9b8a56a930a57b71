"""The calendar that a customer subscribes to: explicit events, so that no program expands a rule in its own way.

It is a convenience; what counts in the terms is the notice. Programs fetch a feed when they like (a day is common) and
drop all of it for one broken line, so everything here is written the way that is read everywhere: no rules, UTC for
the one hour a year that a local time cannot name, and no METHOD, which would make a subscription an invitation.
"""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event
from icalendar.prop import vDuration, vText

from kastellan.adapters.calendar.time_zone import time_zone
from kastellan.domain.calendar_event import CalendarEvent

_REFRESH = timedelta(hours=6)
_LINE_BREAK = re.compile("\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
_NO_TEXT = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


class _Text(vText):
    r"""TEXT as RFC 5545, section 3.3.11, escapes it; the library's own takes `C:\New` for a line break."""

    def to_ical(self) -> bytes:
        return str(self).translate(_ESCAPES).encode()


def feed(installation: str, zone: str, events: Sequence[CalendarEvent], *, made_at: datetime) -> bytes:
    """An iCalendar file of an installation's maintenance; the same arguments give the same bytes.

    An event that did not change keeps its bytes in every later feed, whatever `made_at` is.

    Args:
        installation: its name, for the title.
        zone: IANA zone of the contract, in which times are shown.
        events: in any order; cancelled ones included.
        made_at: when the events were read (UTC).

    Raises:
        ValueError: two events have the same UID.
    """
    twice = [uid for uid, times in Counter(event.uid for event in events).items() if times > 1]
    if twice:
        raise ValueError(f"several events have the UID {', '.join(sorted(twice))}")
    title = _clean(f"Maintenance of {installation}", line_break=" ")
    calendar = Calendar()
    calendar.add("PRODID", "-//kastellan//maintenance//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("NAME", title)  # RFC 7986, section 5.1, and what programs knew before it
    calendar.add("X-WR-CALNAME", title)
    calendar.add("LAST-MODIFIED", made_at)
    calendar.add("REFRESH-INTERVAL", vDuration(_REFRESH), parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", vDuration(_REFRESH))
    instants = [made_at, *(event.start for event in events), *(event.end for event in events)]
    calendar.add_component(time_zone(zone, min(instants), max(instants)))
    for event in sorted(events, key=lambda event: (event.start, event.uid)):
        calendar.add_component(_component(event, zone))
    return bytes(calendar.to_ical(sorted=False))


def _component(event: CalendarEvent, zone: str) -> Event:
    component = Event()
    start, end = _local(event.start, zone), _local(event.end, zone)
    if start is None or end is None:
        start, end = event.start, event.end
    component.add("UID", _clean(event.uid))
    # Without METHOD it means the last change (section 3.8.7.2).
    component.add("DTSTAMP", event.changed_at)
    component.add("DTSTART", start)
    component.add("DTEND", end)
    component.add("SUMMARY", _clean(event.summary, line_break=" "))
    component.add("DESCRIPTION", _clean(event.description))
    component.add("SEQUENCE", event.sequence)
    component.add("LAST-MODIFIED", event.changed_at)
    component.add("STATUS", "CANCELLED" if event.cancelled else "CONFIRMED")
    # Nobody's own time is taken; and who imports the feed as closed times must not close our windows by it.
    component.add("TRANSP", "TRANSPARENT")
    return component


def _local(instant: datetime, zone: str) -> datetime | None:
    """The local time, or None for the second one of a repeated hour: a local time means the first (section 3.3.5)."""
    local = instant.astimezone(ZoneInfo(zone))
    return None if local.fold else local


def _clean(text: str, *, line_break: str = "\n") -> vText:
    """Text of which no character can be read as the end of a line or is forbidden (section 3.1, CONTROL)."""
    return _Text(_NO_TEXT.sub("\N{REPLACEMENT CHARACTER}", _LINE_BREAK.sub(line_break, text)))
