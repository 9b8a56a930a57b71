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
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A recurrence rule (RFC 5545, RRULE) of days.

    Attributes:
        text: such as `FREQ=MONTHLY;BYDAY=1TU`.
    """

    text: str

    def __post_init__(self) -> None:
        parts = dict(part.partition("=")[::2] for part in self.text.split(";"))
        unknown = sorted(parts.keys() - _PARTS)
        if unknown:
            raise ValueError(f"{', '.join(unknown)} is not allowed; a rule may have {', '.join(sorted(_PARTS))}")
        if parts.get("FREQ") not in _FREQUENCIES:
            raise ValueError(f"FREQ must be one of {', '.join(_FREQUENCIES)}")
        if not all(re.fullmatch(r"[A-Z0-9,+-]+", value) for value in parts.values()):
            raise ValueError(f"{self.text!r} is no recurrence rule")
        from dateutil.rrule import rrulestr

        rrulestr(self.text, dtstart=_midnight(2026))  # raises ValueError

    @property
    def shortest_period(self) -> timedelta:
        """The shortest time between two of its days, for a check of the duration."""
        return _shortest_period(self.text)


def _midnight(year: int) -> datetime:
    """Its first, without a zone: rules are of days."""
    return datetime.combine(date(year, 1, 1), time())


@lru_cache(maxsize=1024)
def _shortest_period(text: str) -> timedelta:
    """Of two hundred days from 2000 on, so that every month and leap years are among them."""
    from dateutil.rrule import rrulestr

    rule = rrulestr(f"{text};UNTIL=20400101T000000", dtstart=_midnight(2000))
    days = islice(rule, 200)
    return min((later - day for day, later in pairwise(days)), default=timedelta(days=366))


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

    @property
    def first_day(self) -> date:
        """The first day that the rule gives; `first` itself need not be one. Without any, `first`."""
        from dateutil.rrule import rrulestr

        day = next(iter(rrulestr(self.recurrence.text, dtstart=datetime.combine(self.first, time()))), None)
        return day.date() if day else self.first


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
