"""A stretch of time between two instants."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from kastellan.domain.local_time import ClockChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A half-open interval of instants (UTC) with what made it."""

    start: datetime
    end: datetime
    names: tuple[str, ...]
    clock_change: ClockChange | None = None

    @property
    def duration(self) -> timedelta:
        """Exact length."""
        return self.end - self.start

    def contains(self, instant: datetime) -> bool:
        """Whether an instant lies in it; its end does not."""
        return self.start <= instant < self.end
