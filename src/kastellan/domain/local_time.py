"""From the wall clock of a contract's zone to instants: local times, days and calendar months.

A contract counts in calendar days and months of its zone; a deadline ends at the last instant of its day (readings of
MU-4 to MU-6). Every interval here is half-open, so a deadline is the first instant at which its day is over.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from whenever import PlainDateTime, RepeatedTime, SkippedTime


class ClockChange(StrEnum):
    """What a change of the clock did to a local time."""

    SKIPPED = "skipped"
    REPEATED = "repeated"


def resolve(naive: datetime, zone: str) -> tuple[datetime, ClockChange | None]:
    """The instant (UTC) of a local time: a skipped one keeps the offset before the gap, a repeated one is the first.

    Source: RFC 5545, section 3.3.5.
    """
    plain = PlainDateTime(naive.year, naive.month, naive.day, naive.hour, naive.minute, naive.second)
    change = None
    try:
        resolved = plain.assume_tz(zone, disambiguation="raise")
    except (SkippedTime, RepeatedTime) as problem:
        change = ClockChange.SKIPPED if isinstance(problem, SkippedTime) else ClockChange.REPEATED
        resolved = plain.assume_tz(zone, disambiguation="compatible")
    return datetime.fromtimestamp(resolved.timestamp(), UTC), change


@lru_cache(maxsize=4096)
def midnight(day: date, zone: str) -> datetime:
    """The first instant (UTC) of a local day."""
    return resolve(datetime.combine(day, time()), zone)[0]


def local_day(instant: datetime, zone: str) -> date:
    """The local day that holds an instant."""
    return instant.astimezone(ZoneInfo(zone)).date()


def end_of_day(instant: datetime, zone: str, *, days: int) -> datetime:
    """The first instant (UTC) after the local day that lies `days` calendar days from the instant's day."""
    return midnight(local_day(instant, zone) + timedelta(days=days + 1), zone)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month; text such as `2026-12`."""

    year: int
    number: int

    @classmethod
    def of(cls, instant: datetime, zone: str) -> "Month":
        """The month of a zone that holds an instant."""
        day = local_day(instant, zone)
        return cls(day.year, day.month)

    @staticmethod
    @lru_cache(maxsize=512)  # a history names each of its months many times
    def parse(text: str) -> "Month":
        """Reads `2026-12`.

        Raises:
            ValueError: it is no month.
        """
        day = date.fromisoformat(f"{text}-01")
        return Month(day.year, day.month)

    def shifted(self, months: int) -> "Month":
        """The month so many months later, or earlier where negative."""
        years, number = divmod(self.year * 12 + self.number - 1 + months, 12)
        return Month(years, number + 1)

    def start(self, zone: str) -> datetime:
        """Its first instant (UTC)."""
        return midnight(date(self.year, self.number, 1), zone)

    def end(self, zone: str) -> datetime:
        """The first instant (UTC) after it."""
        return self.shifted(1).start(zone)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"
