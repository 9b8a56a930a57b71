"""A VTIMEZONE from the time zone database (RFC 5545, section 3.6.5): one observance for each change of the clock.

`icalendar` can make one, too (`add_missing_timezones`), but writes a change to summer time by the clock after the
change, 03:00 where the standard wants 02:00 (an onset is local time *before* it). Programs that compare instants are
then wrong for an hour. Deliberately absent: rules (RRULE) instead of dates, which the database does not give.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard
from whenever import Instant, ZonedDateTime


def time_zone(zone: str, since: datetime, until: datetime) -> Timezone:
    """The definition of an IANA zone for everything in a range.

    Args:
        zone: IANA name; it becomes the TZID.
        since: earliest instant that is looked up (UTC).
        until: latest one (UTC).
    """
    component = Timezone()
    component.add("TZID", zone)
    # From the first of a January, so that the same year gives the same definition.
    first = Instant.from_utc(since.year - 1, 1, 1).to_tz(zone)
    component.add_component(_observance(first, _offset(first), clock_went_forward=_is_summer(first)))
    for before, after in _changes(first, until):
        component.add_component(_observance(after, before, clock_went_forward=_offset(after) > before))
    return component


def _changes(first: ZonedDateTime, until: datetime) -> Iterator[tuple[timedelta, ZonedDateTime]]:
    """Each change with the offset before it."""
    current, change = first, first.next_transition()
    while change is not None and datetime.fromtimestamp(change.timestamp(), UTC) <= until:
        yield _offset(current), change
        current, change = change, change.next_transition()


def _is_summer(moment: ZonedDateTime) -> bool:
    """Whether the clock goes back next. The database's own flag calls Morocco's winter time summer time."""
    change = moment.next_transition()
    return change is not None and _offset(change) < _offset(moment)


def _observance(
    start: ZonedDateTime, offset_before: timedelta, *, clock_went_forward: bool
) -> TimezoneStandard | TimezoneDaylight:
    observance = TimezoneDaylight() if clock_went_forward else TimezoneStandard()
    onset = datetime.fromtimestamp(start.timestamp(), UTC).replace(tzinfo=None) + offset_before
    observance.add("DTSTART", onset)
    observance.add("TZOFFSETFROM", offset_before)
    observance.add("TZOFFSETTO", _offset(start))
    observance.add("TZNAME", start.tz_abbrev())
    return observance


def _offset(moment: ZonedDateTime) -> timedelta:
    return timedelta(seconds=moment.offset.total("seconds"))
