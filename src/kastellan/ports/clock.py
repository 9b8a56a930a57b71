"""Time as a port: the instant of a decision cycle, and waiting, so that tests neither sleep nor lie about the date."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Reads and spends time."""

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds on a clock that never steps; only differences mean something."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait for so long; a test's clock advances instead."""
        ...
