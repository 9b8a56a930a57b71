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
LONGEST_GAP = relativedelta(months=3)


def broken_promises(plan: WindowPlan, now: datetime) -> tuple[Reason, ...]:
    """Every month without an admissible window, and every gap that is too long, from `now` (UTC) for thirteen months.

    The month that has begun is not judged for itself: what passed of it may have held its window.
    """
    zone = ZoneInfo(plan.zone)
    until = now + relativedelta(months=MONTHS_AHEAD)
    found = [interval for interval in windows(plan, now, until) if interval.duration >= SHORTEST_WINDOW]
    return (*_empty_months(found, now, until, zone), *_long_gaps(found, now, until, zone))


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


def _reason(code: str, message: str) -> Reason:
    return Reason(
        code=code,
        message=message,
        owner=Party.CUSTOMER,
        remediation="shorten the blackout or add a window",
        clause="MU-2",
    )
