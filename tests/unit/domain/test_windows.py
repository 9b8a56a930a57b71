"""Windows on the wall clock become instants: nights, month ends, both days of a clock change, closed times."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kastellan.domain.local_time import ClockChange
from kastellan.domain.quarterly_promise import broken_promises
from kastellan.domain.window import ClosedSpan, Recurrence, RecurringTime, WindowPlan
from kastellan.domain.window_expansion import closed, explain, opened, windows


def rule(
    text: str, start: str = "22:00", hours: float = 6, first: str = "2026-01-01", name: str = "w"
) -> RecurringTime:
    return RecurringTime(
        name=name,
        recurrence=Recurrence(text),
        first=date.fromisoformat(first),
        start=time.fromisoformat(start),
        duration=timedelta(hours=hours),
    )


def plan(*rules: RecurringTime, zone: str = "Europe/Zurich", **rest: object) -> WindowPlan:
    return WindowPlan(zone=zone, windows=rules, **rest)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def around(day: str, days: int = 2) -> tuple[datetime, datetime]:
    middle = utc(day)
    return middle - timedelta(days=days), middle + timedelta(days=days)


@pytest.mark.parametrize(
    ("zone", "text", "start", "first", "begins", "change"),
    [
        ("Europe/Zurich", "FREQ=DAILY;INTERVAL=400", "22:00", "2026-07-01", "2026-07-01T20:00", None),
        ("Europe/Zurich", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "22:00", "2024-01-01", "2028-02-29T21:00", None),
        ("Europe/Zurich", "FREQ=MONTHLY;BYMONTHDAY=-1", "23:30", "2026-01-01", "2026-04-30T21:30", None),
        ("Europe/Zurich", "FREQ=YEARLY", "02:30", "2026-03-29", "2026-03-29T01:30", ClockChange.SKIPPED),
        ("Europe/Zurich", "FREQ=YEARLY", "02:30", "2026-10-25", "2026-10-25T00:30", ClockChange.REPEATED),
        ("America/New_York", "FREQ=YEARLY", "02:15", "2026-03-08", "2026-03-08T07:15", ClockChange.SKIPPED),
        ("America/New_York", "FREQ=YEARLY", "01:15", "2026-11-01", "2026-11-01T05:15", ClockChange.REPEATED),
        ("Australia/Lord_Howe", "FREQ=YEARLY", "02:15", "2026-10-04", "2026-10-03T15:45", ClockChange.SKIPPED),
        ("Australia/Lord_Howe", "FREQ=YEARLY", "01:45", "2026-04-05", "2026-04-04T14:45", ClockChange.REPEATED),
        ("Africa/Casablanca", "FREQ=YEARLY", "12:00", "2026-02-17", "2026-02-17T12:00", None),
        ("Africa/Casablanca", "FREQ=YEARLY", "12:00", "2026-03-24", "2026-03-24T11:00", None),
        ("Pacific/Apia", "FREQ=YEARLY", "10:00", "2011-12-30", "2011-12-30T20:00", ClockChange.SKIPPED),
    ],
)  # fmt: skip
def test_a_local_start_becomes_the_right_instant(
    zone: str, text: str, start: str, first: str, begins: str, change: ClockChange | None
) -> None:
    found = windows(plan(rule(text, start, first=first), zone=zone), *around(begins, days=1))
    assert [(interval.start, interval.clock_change) for interval in found] == [(utc(begins), change)]
    assert found[0].duration == timedelta(hours=6), "a change of the clock stretches nothing"


def test_a_window_is_half_open() -> None:
    one = plan(rule("FREQ=YEARLY", "22:00", 4, first="2026-12-01"))
    assert explain(one, utc("2026-12-01T20:59:59"))[0] is False
    assert explain(one, utc("2026-12-01T21:00"))[0] is True
    assert explain(one, utc("2026-12-02T00:59:59"))[0] is True
    assert explain(one, utc("2026-12-02T01:00"))[0] is False


def test_overlapping_rules_are_merged_and_name_both() -> None:
    both = plan(rule("FREQ=DAILY", "22:00", 4, name="a"), rule("FREQ=DAILY", "23:00", 4, name="b"))
    found = opened(both, utc("2026-12-01T12:00"), utc("2026-12-02T12:00"))
    assert [(interval.duration, interval.names) for interval in found] == [(timedelta(hours=5), ("a", "b"))]


def test_a_blackout_cuts_a_window_in_two() -> None:
    span = ClosedSpan(name="batch", start=datetime(2026, 12, 1, 23), end=datetime(2026, 12, 2, 1))
    found = windows(plan(rule("FREQ=YEARLY", first="2026-12-01"), blackouts=(span,)), *around("2026-12-01T21:00"))
    assert [interval.duration for interval in found] == [timedelta(hours=1), timedelta(hours=3)]


def test_a_holiday_closes_from_local_midnight_to_local_midnight() -> None:
    on = plan(rule("FREQ=DAILY"), holidays={date(2026, 10, 25): "Clock day"})
    (day,) = closed(on, *around("2026-10-25T12:00"))
    assert day.duration == timedelta(hours=25)
    inside, reasons = explain(on, utc("2026-10-25T21:30"))
    assert not inside
    assert "closed by Clock day" in reasons


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("FREQ=HOURLY", "FREQ must be one of"),
        ("FREQ=DAILY;COUNT=3", "COUNT is not allowed"),
        ("FREQ=DAILY;BYHOUR=3", "BYHOUR is not allowed"),
        ("FREQ=MONTHLY;BYDAY=XX", "."),
        ("daily", "."),
        ("FREQ=DAILY;FREQ=WEEKLY", "FREQ is written twice"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL must be a whole number from 1"),
        ("FREQ=DAILY;INTERVAL=-1", "INTERVAL must be a whole number from 1"),
        ("FREQ=MONTHLY;BYDAY=9MO", "no recurrence rule"),
    ],
)
def test_a_rule_that_is_not_one_of_days_is_refused(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Recurrence(text)


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=WEEKLY;BYMONTH=13",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=29",  # from an odd year on
    ],
)
def test_a_rule_that_meets_no_day_is_refused_instead_of_searched_for_ever(text: str) -> None:
    with pytest.raises(ValueError, match="meets no day in the forty years from 2027-01-01 on"):
        rule(text, first="2027-01-01")


@pytest.mark.parametrize(
    ("text", "first", "day"),
    [
        ("FREQ=MONTHLY;BYDAY=2TU", "2026-01-01", "2026-01-13"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2026-03-01", "2028-02-29"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=SA", "2028-03-01", "2048-02-29"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2097-01-01", "2104-02-29"),
        ("FREQ=DAILY", "9999-12-31", "9999-12-31"),
    ],
)
def test_the_first_day_of_a_rule_is_found_however_rare_it_is(text: str, first: str, day: str) -> None:
    assert rule(text, first=first).first_day == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("text", "longest"),
    [
        ("FREQ=DAILY", 24),
        ("FREQ=DAILY;INTERVAL=3", 72),
        ("FREQ=WEEKLY;BYDAY=SA", 7 * 24),
        ("FREQ=WEEKLY;BYDAY=TU,WE", 24),
        ("FREQ=MONTHLY;BYDAY=2TU", 28 * 24),
        ("FREQ=MONTHLY;BYMONTHDAY=1,-1", 24),
    ],
)
def test_a_window_lasts_no_longer_than_until_it_comes_back(text: str, longest: int) -> None:
    assert rule(text, hours=longest).duration == timedelta(hours=longest)
    with pytest.raises(ValueError, match="longer than the time until it comes back"):
        rule(text, hours=longest + 1)


def test_a_window_of_a_whole_weekend_is_open_on_sunday_night() -> None:
    weekend = plan(rule("FREQ=MONTHLY;BYDAY=1SA", "00:00", 48))
    inside, reasons = explain(weekend, utc("2026-12-06T22:59"))
    assert inside
    assert reasons[0] == "w: 2026-12-05T00:00+01:00 to 2026-12-07T00:00+01:00"
    assert explain(weekend, utc("2026-12-06T23:00"))[0] is False


NOW = utc("2026-11-23T12:00")


def test_monthly_windows_keep_the_promise() -> None:
    assert broken_promises(plan(rule("FREQ=MONTHLY;BYDAY=1TU")), NOW) == ()


def test_a_month_that_a_blackout_empties_is_named() -> None:
    span = ClosedSpan(name="freeze", start=datetime(2027, 1, 1), end=datetime(2027, 2, 1))
    (reason,) = broken_promises(plan(rule("FREQ=MONTHLY;BYDAY=1TU"), blackouts=(span,)), NOW)
    assert (reason.code, reason.clause) == ("month-without-window", "MU-2")
    assert "January 2027" in reason.message


def test_a_gap_of_more_than_three_calendar_months_is_named_with_its_dates() -> None:
    span = ClosedSpan(name="freeze", start=datetime(2027, 1, 1), end=datetime(2027, 6, 1))
    broken = broken_promises(plan(rule("FREQ=MONTHLY;BYDAY=1TU"), blackouts=(span,)), NOW)
    gap = next(reason for reason in broken if reason.code == "gap-above-quarter")
    assert "2026-12-02" in gap.message
    assert "2027-06-01" in gap.message


@pytest.mark.parametrize(("text", "hours"), [("FREQ=DAILY", 24), ("FREQ=WEEKLY;BYDAY=MO", 7 * 24)])
def test_windows_that_run_into_one_another_for_ever_are_told_as_what_they_are(text: str, hours: int) -> None:
    (reason,) = broken_promises(plan(rule(text, "00:00", hours)), NOW)
    assert reason.code == "windows-run-together"
    assert "has no beginning that could be offered" in reason.message


def test_windows_that_are_too_short_do_not_count() -> None:
    assert len(broken_promises(plan(rule("FREQ=MONTHLY;BYDAY=1TU", hours=3)), NOW)) >= 12


zones = st.sampled_from(["Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"])
recurrences = st.sampled_from(
    [
        "FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=3",
        "FREQ=WEEKLY;BYDAY=TU,SA",
        "FREQ=MONTHLY;BYDAY=1TU",
        "FREQ=MONTHLY;BYMONTHDAY=-1",
    ]
)
rules = st.builds(
    rule,
    recurrences,
    st.sampled_from(["00:00", "02:15", "02:30", "12:00", "23:45"]),
    st.sampled_from([0.5, 4, 6, 22]),  # 23 h would touch the next day's on a short day and be merged with it
    st.sampled_from(["2026-01-01", "2025-11-30"]),
)
starts = st.datetimes(datetime(2026, 2, 1), datetime(2026, 11, 15), timezones=st.just(UTC))


def naive_spans(starts: st.SearchStrategy[datetime]) -> st.SearchStrategy[ClosedSpan]:
    hours = st.integers(1, 100)
    return st.builds(
        lambda start, length: ClosedSpan(
            name="b", start=start.replace(tzinfo=None), end=start.replace(tzinfo=None) + timedelta(hours=length)
        ),
        starts,
        hours,
    )


def _falls_on(text: str, first: date, day: date) -> bool:
    """The recurrences above, each judged by hand: a second implementation that shares nothing with the first."""
    if day < first:
        return False
    match text:
        case "FREQ=DAILY":
            return True
        case "FREQ=DAILY;INTERVAL=3":
            return (day - first).days % 3 == 0
        case "FREQ=WEEKLY;BYDAY=TU,SA":
            return day.weekday() in (1, 5)
        case "FREQ=MONTHLY;BYDAY=1TU":
            return day.weekday() == 1 and day.day <= 7
        case _:
            return (day + timedelta(days=1)).month != day.month


def _instants(naive: datetime, zone: str) -> datetime:
    return naive.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


@given(zones, st.lists(rules, min_size=1, max_size=3), st.lists(naive_spans(starts), max_size=2), starts)
def test_the_union_of_the_windows_is_what_a_scan_by_minute_finds(
    zone: str, several: list[RecurringTime], spans: list[ClosedSpan], since: datetime
) -> None:
    one = plan(*several, zone=zone, blackouts=tuple(spans))
    since = since.replace(second=0, microsecond=0)
    days = 4
    found = windows(one, since, since + timedelta(days=days))
    dates = [since.date() + timedelta(days=offset) for offset in range(-3, days + 3)]
    opens = [
        (start, start + each.duration)
        for each in several
        for day in dates
        if _falls_on(each.recurrence.text, each.first, day)
        for start in [_instants(datetime.combine(day, each.start), zone)]
    ]
    closes = [(_instants(span.start, zone), _instants(span.end, zone)) for span in spans]
    for minute in range(days * 24 * 60):
        instant = since + timedelta(minutes=minute)
        expected = any(a <= instant < b for a, b in opens) and not any(a <= instant < b for a, b in closes)
        assert any(interval.contains(instant) for interval in found) is expected, instant


@given(zones, rules, starts, st.integers(0, 20), st.integers(0, 20))
def test_the_expansion_does_not_depend_on_the_range_that_is_asked_for(
    zone: str, one: RecurringTime, since: datetime, before: int, after: int
) -> None:
    until = since + timedelta(days=10)
    wide = windows(plan(one, zone=zone), since - timedelta(days=before), until + timedelta(days=after))
    cut = [(max(i.start, since), min(i.end, until)) for i in wide if i.start < until and i.end > since]
    assert [(i.start, i.end) for i in windows(plan(one, zone=zone), since, until)] == cut


@given(zones, rules, naive_spans(starts), starts)
def test_a_blackout_never_adds_time(zone: str, one: RecurringTime, span: ClosedSpan, since: datetime) -> None:
    until = since + timedelta(days=30)

    def total(blackouts: tuple[ClosedSpan, ...]) -> timedelta:
        found = windows(plan(one, zone=zone, blackouts=blackouts), since, until)
        return sum((interval.duration for interval in found), timedelta())

    assert total((span,)) <= total(())


@given(zones, rules, starts)
def test_every_whole_window_lasts_exactly_its_duration(zone: str, one: RecurringTime, since: datetime) -> None:
    until = since + timedelta(days=60)
    for interval in windows(plan(one, zone=zone), since, until):
        if since < interval.start and interval.end < until:
            assert interval.duration == one.duration
            assert interval.start.astimezone(ZoneInfo(zone)).minute in (0, 15, 30, 45)
