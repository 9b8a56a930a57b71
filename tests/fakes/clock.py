"""A clock that moves only when somebody waits."""

from datetime import UTC, datetime, timedelta


class FakeClock:
    """Starts at a fixed instant; `sleep` advances it and costs nothing."""

    def __init__(self, start: datetime = datetime(2026, 11, 23, 12, tzinfo=UTC)) -> None:
        self.start = start
        self.slept = 0.0

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.slept)

    def monotonic(self) -> float:
        return self.slept

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
