"""A contract's window as the clouds want it: one time of day in UTC, the same in summer and in winter."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from kastellan.domain.local_time import resolve
from kastellan.domain.window import RecurringTime


def window_in_utc(window: RecurringTime, zone: str, *, least: timedelta) -> tuple[datetime, timedelta]:
    """The part of a window that lies within it in summer and in winter: its first start, and its length.

    Args:
        window: local time.
        zone: of the contract.
        least: the shortest length that the cloud takes; the window's own may be shorter.
    """
    starts = [
        resolve(datetime.combine(window.first.replace(month=month, day=1), window.start), zone)[0] for month in (1, 7)
    ]
    of_day = [timedelta(hours=start.hour, minutes=start.minute) for start in starts]
    difference = min((of_day[0] - of_day[1]) % timedelta(days=1), (of_day[1] - of_day[0]) % timedelta(days=1))
    later = starts[0] if (of_day[0] - of_day[1]) % timedelta(days=1) == difference else starts[1]
    local_day = later.astimezone(ZoneInfo(zone)).date()
    begin = later + (window.first_day - local_day)
    return begin, max(least, min(window.duration, timedelta(days=1)) - difference)
