"""The real clock: the only place of the product that reads or spends time."""

import time
from datetime import UTC, datetime


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
