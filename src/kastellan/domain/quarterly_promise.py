"""The proof, ahead of time, that the windows keep the promise: monthly as a rule, at least once a quarter (MU-2).

Our reading of the terms: in every calendar month at least one window of four hours after blackouts and holidays, and no
two such windows more than three calendar months apart.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from kastellan.domain.interval import Interval
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.domain.window import WindowPlan
from kastellan.domain.window_expansion import windows

MONTHS_AHEAD = 13
SHORTEST_WINDOW = timedelta(hours=4)
LONGEST_WINDOW = timedelta(days=31)
"""A longer one is several that run into one another: whole months would be without the beginning of any."""
LONGEST_GAP = relativedelta(months=3)


def broken_promises(plan: WindowPlan, now: datetime) -> tuple[Reason, ...]:
    """Every month without an admissible window, and every gap that is too long, from `now` (UTC) for thirteen months.

    The month that has begun is not judged for itself: what passed of it may have held its window.
    """
    zone = ZoneInfo(plan.zone)
    until = now + relativedelta(months=MONTHS_AHEAD)
    found = [interval for interval in windows(plan, now, until) if interval.duration >= SHORTEST_WINDOW]
    endless = next((interval for interval in found if interval.duration > LONGEST_WINDOW), None)
    if endless is not None:
        return (_run_together(endless, zone),)
    return (*_empty_months(found, now, until, zone), *_long_gaps(found, now, until, zone))


def _run_together(interval: Interval, zone: ZoneInfo) -> Reason:
    first, last = interval.start.astimezone(zone), interval.end.astimezone(zone)
    return _reason(
        "windows-run-together",
        f"from {first:%Y-%m-%d} to {last:%Y-%m-%d} one window runs into the next: what goes on for months has no "
        "beginning that could be offered",
        remediation="let every window end before the next begins, such as after 23 hours of 24",
    )


def _empty_months(found: Sequence[Interval], now: datetime, until: datetime, zone: ZoneInfo) -> Iterator[Reason]:
    held = {(local.year, local.month) for local in (interval.start.astimezone(zone) for interval in found)}
    month = now.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0) + relativedelta(months=1)
    while month + relativedelta(months=1) <= until:
        if (month.year, month.month) not in held:
            yield _reason(
                "month-without-window",
                f"{month:%B %Y} has no window of {SHORTEST_WINDOW // timedelta(hours=1)} hours "
                "after blackouts and holidays",
            )
        month += relativedelta(months=1)


def _long_gaps(found: Sequence[Interval], now: datetime, until: datetime, zone: ZoneInfo) -> Iterator[Reason]:
    ends = [now, *(interval.end for interval in found)]
    starts = [*(interval.start for interval in found), until]
    for end, start in zip(ends, starts, strict=True):
        if start.astimezone(zone) > end.astimezone(zone) + LONGEST_GAP:
            yield _reason(
                "gap-above-quarter",
                f"between {end.astimezone(zone):%Y-%m-%d} and {start.astimezone(zone):%Y-%m-%d} there is no window, "
                "which is more than three calendar months",
            )


def _reason(code: str, message: str, *, remediation: str = "shorten the blackout or add a window") -> Reason:
    return Reason(
        code=code,
        message=message,
        owner=Party.CUSTOMER,
        remediation=remediation,
        clause="MU-2",
    )
