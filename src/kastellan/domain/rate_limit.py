"""The rate limits of the terms: what the edge enforces, and what a size is reckoned from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """Requests that one client address may send, averaged over a period.

    Attributes:
        clause: in the terms.
        per_second: the average.
        period_seconds: over which it is taken.
    """

    clause: str
    per_second: int
    period_seconds: int = 60

    @property
    def per_period(self) -> int:
        """Requests in one period."""
        return self.per_second * self.period_seconds


PAGES = RateLimit(clause="RL-1", per_second=10)
"""Login and console pages, `/ui/*`."""
REQUESTS = RateLimit(clause="RL-2", per_second=50)
"""Everything else."""
