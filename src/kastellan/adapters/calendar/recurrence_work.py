"""How much work a recurrence rule of somebody else's file is, and which rules are refused for it.

A rule of one line can keep `dateutil` busy for hours: every second since 1970, every 30th of February until the year
9999. So the steps are estimated before any is taken.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from dateutil.rrule import rrulestr
from icalendar.prop import vRecur

MOST_STEPS = 1_000_000
"""Of all rules of a file together; some seconds."""

_MOST_OF_PART_OF_DAY = 10_000
_PERIODS = {
    "YEARLY": timedelta(days=365),
    "MONTHLY": timedelta(days=28),
    "WEEKLY": timedelta(days=7),
    "DAILY": timedelta(days=1),
    "HOURLY": timedelta(hours=1),
    "MINUTELY": timedelta(minutes=1),
    "SECONDLY": timedelta(seconds=1),
}
_PARTS_OF_DAY = frozenset({"HOURLY", "MINUTELY", "SECONDLY"})
_TIMES = ("BYHOUR", "BYMINUTE", "BYSECOND")
_KNOWN = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYSETPOS", *_TIMES}) | {
    "BYDAY",
    "BYMONTHDAY",
    "BYYEARDAY",
    "BYWEEKNO",
    "BYMONTH",
}
_LAST_YEARS = 9959
"""From here a search ends after forty years, because dateutil knows no year after 9999. Forty years have every
combination of date and weekday, except for a rare one about a year without a leap day."""


def steps(rule: vRecur, start: date, until: datetime) -> int:
    """About how many steps it takes to find the occurrences of a rule from its start to an instant.

    Args:
        rule: as the file has it (RFC 5545, section 3.3.10).
        start: the event's start.
        until: end of what is looked at (UTC).

    Raises:
        ValueError: the rule is refused; the text says why.
    """
    unknown = sorted(rule.keys() - _KNOWN)
    if unknown:
        raise ValueError(f"its recurrence has {', '.join(unknown)}, which is not known")
    frequency, interval = str(_first(rule, "FREQ")), int(_first(rule, "INTERVAL", 1))
    if frequency not in _PERIODS:
        raise ValueError("its recurrence has no frequency")
    if interval < 1:
        raise ValueError("its recurrence has an interval of nothing")
    selects = any(part.startswith("BY") for part in rule)
    span = min(until, _instant(_first(rule, "UNTIL", until))) - _instant(start)
    taken = int(max(span, timedelta(0)) / (_PERIODS[frequency] * interval)) + 1
    if "COUNT" in rule and not selects:
        taken = min(taken, int(_first(rule, "COUNT")))
    if frequency in _PARTS_OF_DAY:
        _check_part_of_day(rule, taken, frequency, selects=selects)
    elif selects and not _happens(rule, start, interval):
        raise ValueError("its recurrence never takes place")
    for part in _TIMES:
        taken *= max(1, len(_all(rule, part)))
    return taken


def _check_part_of_day(rule: vRecur, taken: int, frequency: str, *, selects: bool) -> None:
    if "COUNT" not in rule and "UNTIL" not in rule:
        raise ValueError(f"it comes back without an end more often than once a day ({frequency})")
    if selects or taken > _MOST_OF_PART_OF_DAY:
        raise ValueError(
            f"it comes back too often ({frequency}, more than {_MOST_OF_PART_OF_DAY} times or by a filter)"
        )


def _happens(rule: vRecur, start: date, interval: int) -> bool:
    """Whether the rule ever meets a day, found out where the search is short."""
    plain = vRecur({part: value for part, value in rule.items() if part not in ("COUNT", "UNTIL")})
    midnight = datetime.min.time()
    begin = datetime.combine(start, midnight)
    far = datetime.combine(date(_LAST_YEARS, 1, 1), midnight)
    match _first(rule, "FREQ"):
        case "DAILY" | "WEEKLY" as frequency:
            # Whole intervals, so that the same days are met.
            stride = _PERIODS[frequency] * interval
            begin += stride * ((far - begin) // stride)
        case _:
            plain["INTERVAL"] = [1]
            begin = begin.replace(year=_LAST_YEARS, day=min(begin.day, 28))
    text = plain.to_ical().decode()
    return next(iter(rrulestr(text, dtstart=begin)), None) is not None


def _instant(value: date) -> datetime:
    if not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _all(rule: Mapping[str, Any], part: str) -> Sequence[Any]:
    value = rule.get(part, [])
    return value if isinstance(value, list) else [value]


def _first(rule: Mapping[str, Any], part: str, default: Any = None) -> Any:
    found = _all(rule, part)
    return found[0] if found else default
