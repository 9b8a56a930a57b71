"""Calendars that cannot be read say what is wrong, where, and whose turn it is."""

from pathlib import Path

import pytest

from tests.calendar_files import event, file, problems, write

__all__ = ["file"]


class TestRefusals:
    @pytest.mark.parametrize(
        ("properties", "message"),
        [
            (["DTEND:20260706T220000"], "it has no start (DTSTART)"),
            (["DTSTART:20260706T220000", "DTEND:20260706T210000"], "it ends before it begins, or when it begins"),
            (["DTSTART:20260706T220000", "DTEND:20260706T220000"], "it ends before it begins, or when it begins"),
            (["DTSTART;VALUE=DATE:20260706", "DTEND;VALUE=DATE:20260706"], "it ends before it begins"),
            (["DTSTART;VALUE=DATE:20260706", "DTEND:20260707T120000Z"], "one of start and end is a day and"),
            (["DTSTART:20260706T220000", "DURATION:-PT1H"], "its duration is not more than nothing"),
            (["DTSTART;VALUE=DATE:20260706", "DURATION:PT1H"], "it begins with a day and its duration has hours"),
            (["DTSTART:20260706T220000", "DTEND:20260706T230000", "DURATION:PT1H"], "it has an end and a duration"),
            (["DTSTART:20260706T220000", "DTSTART:20260707T220000"], "it has DTSTART twice"),
            (["DTSTART:20260732T220000"], "DTSTART cannot be understood"),
            (["DTSTART:20260706T220000", "DTEND:soon"], "DTEND cannot be understood"),
            (["DTSTART:20260706T220000", "no line at all"], "a line cannot be understood"),
            (["DTSTART:20260706", "RRULE:FREQ=NEVER"], "RRULE cannot be understood"),
            (["DTSTART:20260706T220000", "RRULE:COUNT=3"], "its recurrence has no frequency"),
            (["DTSTART:20260706T220000", "RRULE:FREQ=DAILY;INTERVAL=0"], "its recurrence has an interval of nothing"),
            (["DTSTART:20260706T220000", "RRULE:FREQ=MINUTELY"], "it comes back without an end more often than once a"),
            (["DTSTART:20260101T220000", "RRULE:FREQ=SECONDLY;COUNT=99999999"], "it comes back too often (SECONDLY"),
            (["DTSTART:20260101T220000", "RRULE:FREQ=SECONDLY;UNTIL=99991231T235959"], "it comes back too often (SECO"),
            (["DTSTART:20260101T220000", "RRULE:FREQ=HOURLY;COUNT=1;BYMONTHDAY=30"], "it comes back too often"),
            (["DTSTART;TZID=Nowhere/Land:20260706T220000"], "its time zone 'Nowhere/Land' is neither an IANA name nor"),
            (["DTSTART:20260706T220000Z", "EXDATE;TZID=Mars:20260706T220000"], "its time zone 'Mars' is neither"),
        ],
    )  # fmt: skip
    def test_an_event_that_cannot_be_a_closed_time_is_named(
        self, file: Path, properties: list[str], message: str
    ) -> None:
        (problem,) = problems(write(file, event(*properties)))
        assert problem.startswith(f"event 'Stocktaking' (UID 1): {message}")

    @pytest.mark.parametrize(
        "rule",
        [
            "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
            "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
            "FREQ=WEEKLY;BYMONTH=2;BYSETPOS=100",
            "FREQ=MONTHLY;BYMONTH=4;BYMONTHDAY=31",
            "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6",
        ],
    )
    def test_a_recurrence_that_never_takes_place_is_refused_without_a_search_of_eight_thousand_years(
        self, file: Path, rule: str
    ) -> None:
        write(file, event("DTSTART:20260706T220000", "DURATION:PT1H", f"RRULE:{rule}"))
        assert problems(file) == ["event 'Stocktaking' (UID 1): its recurrence never takes place"]

    def test_more_occurrences_than_can_be_expanded_are_refused_before_any_is(self, file: Path) -> None:
        harmless = event("DTSTART:20260706T220000", "DURATION:PT1H", "RRULE:FREQ=DAILY", uid="2", summary="Harmless")
        seconds = ",".join(str(n) for n in range(60))
        every = f"RRULE:FREQ=DAILY;BYHOUR=1,2,3,4,5,6;BYMINUTE={seconds};BYSECOND={seconds}"
        write(file, harmless, event("DTSTART:20200101T000000", "DURATION:PT1S", every))
        (problem,) = problems(file)
        assert problem.startswith("event 'Stocktaking' (UID 1): the recurrences of this file have too many occurrences")

    def test_two_events_with_one_uid_and_one_sequence_are_refused_because_one_would_be_lost(self, file: Path) -> None:
        write(file, event("DTSTART;VALUE=DATE:20260706"), event("DTSTART;VALUE=DATE:20260708"))
        assert problems(file) == ["event 'Stocktaking' (UID 1): several events have this UID and none is the newest"]

    def test_all_problems_are_told_at_once(self, file: Path) -> None:
        write(
            file,
            event("DTEND:20260706T220000", uid="a"),
            event("DTSTART;VALUE=DATE:20260706", uid="b"),
            event("DTSTART;TZID=Mars:20260706T220000", "DTEND:nothing", uid="c"),
            event("DTSTART:20260706T220000", "RRULE:FREQ=SECONDLY", "DURATION:PT0S", uid="d"),
        )
        assert [problem.partition(")")[0][-1] for problem in problems(file)] == ["a", "c", "c", "d", "d"]

    def test_hostile_text_in_a_file_is_told_on_one_line(self, file: Path) -> None:
        write(file, event("DTEND:20260706T220000", uid="x\x1b[31m", summary="a\\nb" + "c" * 500))
        (problem,) = problems(file)
        assert problem.startswith("event 'a b" + "c" * 76 + "…' (UID x [31m): ")
