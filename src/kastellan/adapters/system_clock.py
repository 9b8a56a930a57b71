"""The real clock: the only place of the product that reads or spends time."""

import time
from datetime import UTC, datetime, timedelta


class SystemClock:
    """Implements `ports.clock.Clock` with the machine's clocks."""

    def now(self) -> datetime:
        """The current instant in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds on the monotonic clock."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class SteadyClock(SystemClock):
    """Reads the date once and counts on by the monotonic clock, so that a step of the machine's clock moves nothing.

    For one procedure: over days the two clocks drift apart.
    """

    def __init__(self) -> None:
        self._began = SystemClock.now(self)
        self._from = self.monotonic()

    def now(self) -> datetime:
        """The instant at which it was made, and the time that has passed since (UTC)."""
        return self._began + timedelta(seconds=self.monotonic() - self._from)
