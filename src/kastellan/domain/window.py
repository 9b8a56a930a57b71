"""Maintenance windows as the contract writes them (MU-1): rules and closed times in the customer's local time.

Everything here is local and naive, because a contract says "the first Tuesday at 22:00" and means the wall's clock.
Instants come about in `window_expansion`. Deliberately absent: sub-daily rules, and COUNT, whose meaning depends on
where the count began.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice, pairwise

from kastellan.domain.interval import Interval

_PARTS = frozenset({"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"})
_YEARS = 40
"""So far a rule is searched for a day: a leap day on a given weekday comes after 28 years, after 40 over a century."""
_CYCLE = 400
"""Years after which the calendar comes back, weekdays included."""
_LAST_YEAR = 9999
"""Up to here the library looks for a day: who begins shortly before it has an answer soon, also where there is none."""
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A recurrence rule (RFC 5545, RRULE) of days.

    Attributes:
        text: such as `FREQ=MONTHLY;BYDAY=1TU`.
    """

    text: str

    def __post_init__(self) -> None:
        written = [part.partition("=")[::2] for part in self.text.split(";")]
        parts = dict(written)
        unknown = sorted(parts.keys() - _PARTS)
        if unknown:
            raise ValueError(f"{', '.join(unknown)} is not allowed; a rule may have {', '.join(sorted(_PARTS))}")
        twice = sorted({name for name, _ in written if [one for one, _ in written].count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} is written twice")
        if parts.get("FREQ") not in _FREQUENCIES:
            raise ValueError(f"FREQ must be one of {', '.join(_FREQUENCIES)}")
        if not re.fullmatch(r"0*[1-9]\d*", parts.get("INTERVAL", "1")):
            raise ValueError("INTERVAL must be a whole number from 1")
        if not all(re.fullmatch(r"[A-Z0-9,+-]+", value) for value in parts.values()):
            raise ValueError(f"{self.text!r} is no recurrence rule")
        try:
            _shortest_period(self.text)
        except IndexError:  # what the library makes of the ninth Monday of a month
            raise ValueError(f"{self.text!r} is no recurrence rule") from None

    @property
    def shortest_period(self) -> timedelta:
        """The shortest time between two of its days, for a check of the duration."""
        return _shortest_period(self.text)


@lru_cache(maxsize=1024)
def _shortest_period(text: str) -> timedelta:
    """Of up to two hundred days of forty years, so that every month and leap years are among them."""
    from dateutil.rrule import rrulestr

    begin = datetime.combine(date(_LAST_YEAR + 1 - _YEARS, 1, 1), time())
    days = islice(rrulestr(text, dtstart=begin), 200)
    return min((later - day for day, later in pairwise(days)), default=timedelta(days=366))


@lru_cache(maxsize=1024)
def _first_day(text: str, first: date) -> date | None:
    """The first day that a rule gives from a day on; None where there is none in forty years."""
    from dateutil.rrule import rrulestr

    later = max(0, (_LAST_YEAR - _YEARS - first.year) // _CYCLE) * _CYCLE
    begin = first.replace(year=first.year + later)
    found = next(iter(rrulestr(text, dtstart=datetime.combine(begin, time()))), None)
    if found is None or found.year - begin.year > _YEARS:
        return None
    return found.date().replace(year=found.year - later)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurringTime:
    """A span of time that comes back.

    Attributes:
        name: for people.
        recurrence: on which days.
        first: the day from which the rule counts; intervals depend on it.
        start: local time at which the span begins.
        duration: exact length; a night with a change of the clock does not stretch or shorten it.
    """

    name: str
    recurrence: Recurrence
    first: date
    start: time
    duration: timedelta

    def __post_init__(self) -> None:
        if self.duration <= timedelta(0):
            raise ValueError(f"{self.name}: the duration must be more than nothing")
        if self.duration > self.recurrence.shortest_period:
            raise ValueError(f"{self.name}: it lasts longer than the time until it comes back")
        if _first_day(self.recurrence.text, self.first) is None:
            raise ValueError(f"{self.name}: it meets no day in the forty years from {self.first} on")

    @property
    def first_day(self) -> date:
        """The first day that the rule gives; `first` itself need not be one."""
        return _first_day(self.recurrence.text, self.first) or self.first


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedSpan:
    """A closed time that comes once; local, half-open."""

    name: str
    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo or self.end.tzinfo:
            raise ValueError(f"{self.name}: write local times without an offset")
        if self.end <= self.start:
            raise ValueError(f"{self.name}: it ends before it begins")


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowPlan:
    """Everything that decides when regular maintenance may run at an installation.

    Attributes:
        zone: IANA zone of all local times.
        windows: when it may run; several are a union.
        blackouts: when it may not.
        recurring_blackouts: the same, coming back.
        imported_blackouts: the same, from a customer's calendar, as instants.
        holidays: public holidays with their names; closed from local midnight to local midnight.
    """

    zone: str
    windows: tuple[RecurringTime, ...]
    blackouts: tuple[ClosedSpan, ...] = ()
    recurring_blackouts: tuple[RecurringTime, ...] = ()
    imported_blackouts: tuple[Interval, ...] = ()
    holidays: Mapping[date, str] = field(default_factory=dict)
