"""From a contract's windows to instants: expansion, subtraction of closed times, and the reason for any instant.

Days are expanded on naive local time and resolved one by one (RFC 5545, section 3.3.5: a local time that a change of
the clock skips is read with the offset before it, a repeated one means the first). Intervals are half-open, in UTC.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from kastellan.domain.interval import Interval
from kastellan.domain.local_time import midnight, resolve
from kastellan.domain.window import RecurringTime, WindowPlan

_MARGIN = timedelta(days=2)
"""No zone is further from UTC than this, change of the date line included."""


def windows(plan: WindowPlan, since: datetime, until: datetime) -> tuple[Interval, ...]:
    """When maintenance may run: windows minus everything closed, ascending, of [since, until).

    The result for an instant does not depend on the range that was asked for; only what sticks out of it is cut off.
    """
    return tuple(_subtracted(opened(plan, since, until), closed(plan, since, until)))


def opened(plan: WindowPlan, since: datetime, until: datetime) -> tuple[Interval, ...]:
    """The windows before anything is subtracted; overlapping ones are merged."""
    return _merged(interval for rule in plan.windows for interval in _expanded(rule, plan.zone, since, until))


def closed(plan: WindowPlan, since: datetime, until: datetime) -> tuple[Interval, ...]:
    """Blackouts and holidays; overlapping ones are merged."""
    spans = [
        Interval(start=resolve(span.start, plan.zone)[0], end=resolve(span.end, plan.zone)[0], names=(span.name,))
        for span in plan.blackouts
    ]
    days = [
        Interval(start=midnight(day, plan.zone), end=midnight(day + timedelta(days=1), plan.zone), names=(name,))
        for day, name in plan.holidays.items()
    ]
    recurring = [interval for rule in plan.recurring_blackouts for interval in _expanded(rule, plan.zone, since, until)]
    everything = (*spans, *days, *recurring, *plan.imported_blackouts)
    cut = (_cut(interval, since, until) for interval in everything)
    return _merged(interval for interval in cut if interval is not None)


def explain(plan: WindowPlan, instant: datetime) -> tuple[bool, tuple[str, ...]]:
    """Whether maintenance may run at an instant, and why, rule by rule."""
    since, until = instant - timedelta(days=1), instant + timedelta(days=1)
    reasons = []
    is_open = is_closed = False
    for rule in plan.windows:
        spans = _expanded(rule, plan.zone, since - rule.duration, until + rule.duration)  # so that none is cut off
        found = next((span for span in spans if span.contains(instant)), None)
        is_open |= found is not None
        reasons.append(f"{rule.name}: {_span(found, plan.zone) if found else 'not at this instant'}")
    for interval in closed(plan, since, until):
        if interval.contains(instant):
            is_closed = True
            reasons.append(f"closed by {', '.join(interval.names)}")
    if not is_closed:
        reasons.append("no blackout and no holiday at this instant")
    return is_open and not is_closed, tuple(reasons)


def local(instant: datetime, zone: str) -> str:
    """An instant on the wall clock of a zone, with its offset."""
    return instant.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes")


def _span(interval: Interval, zone: str) -> str:
    return f"{local(interval.start, zone)} to {local(interval.end, zone)}"


def _expanded(rule: RecurringTime, zone: str, since: datetime, until: datetime) -> Iterator[Interval]:
    days = rrulestr(rule.recurrence.text, dtstart=datetime.combine(rule.first, time()))
    earliest = (since - rule.duration - _MARGIN).replace(tzinfo=None)
    for day in days.between(earliest, (until + _MARGIN).replace(tzinfo=None), inc=True):
        start, change = resolve(datetime.combine(day.date(), rule.start), zone)
        whole = Interval(start=start, end=start + rule.duration, names=(rule.name,), clock_change=change)
        cut = _cut(whole, since, until)
        if cut is not None:
            yield cut


def _cut(interval: Interval, since: datetime, until: datetime) -> Interval | None:
    start, end = max(interval.start, since), min(interval.end, until)
    if start >= end:
        return None
    return Interval(start=start, end=end, names=interval.names, clock_change=interval.clock_change)


def _merged(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    merged: list[Interval] = []
    for interval in sorted(intervals, key=lambda interval: (interval.start, interval.end)):
        last = merged[-1] if merged else None
        if last is None or interval.start > last.end:
            merged.append(interval)
            continue
        merged[-1] = Interval(
            start=last.start,
            end=max(last.end, interval.end),
            names=tuple(dict.fromkeys((*last.names, *interval.names))),
            clock_change=last.clock_change or interval.clock_change,
        )
    return tuple(merged)


def _subtracted(opened: Iterable[Interval], closed: tuple[Interval, ...]) -> Iterator[Interval]:
    """One pass over both, which are ascending and do not overlap."""
    position = 0
    for interval in opened:
        while position < len(closed) and closed[position].end <= interval.start:
            position += 1
        start, index = interval.start, position
        while index < len(closed) and closed[index].start < interval.end:
            yield from _piece(interval, start, closed[index].start)
            start, index = max(start, closed[index].end), index + 1
        yield from _piece(interval, start, interval.end)


def _piece(of: Interval, start: datetime, end: datetime) -> Iterator[Interval]:
    if start < end:
        yield Interval(start=start, end=end, names=of.names, clock_change=of.clock_change)
