"""Closed times that come back, and rules that are refused."""

from pathlib import Path

import pytest

from tests.calendar_files import event, file, local, read, write

__all__ = ["file"]


class TestRecurrence:
    def test_a_series_keeps_its_local_time_over_the_change_of_the_clock(self, file: Path) -> None:
        write(
            file,
            event(
                "DTSTART;TZID=Europe/Zurich:20260327T220000",
                "DTEND;TZID=Europe/Zurich:20260327T233000",
                "RRULE:FREQ=DAILY;COUNT=3",
            ),
        )
        assert local(file) == [(f"03-{day} 22:00", f"03-{day} 23:30") for day in (27, 28, 29)]

    def test_a_night_of_a_series_covers_both_readings_of_its_length(self, file: Path) -> None:
        write(
            file,
            event(
                "DTSTART;TZID=Europe/Zurich:20260321T220000",
                "DTEND;TZID=Europe/Zurich:20260322T060000",
                "RRULE:FREQ=WEEKLY;COUNT=2",
            ),
            event(
                "DTSTART;TZID=Europe/Zurich:20261017T220000",
                "DTEND;TZID=Europe/Zurich:20261018T060000",
                "RRULE:FREQ=WEEKLY;COUNT=2",
                uid="2",
            ),
        )
        assert local(file) == [
            ("03-21 22:00", "03-22 06:00"),
            ("03-28 22:00", "03-29 07:00"),
            ("10-17 22:00", "10-18 06:00"),
            ("10-24 22:00", "10-25 06:00"),
        ]

    def test_excluded_moved_and_cancelled_occurrences_are_respected(self, file: Path) -> None:
        series = [
            "DTSTART;TZID=Europe/Zurich:20260706T220000",
            "DTEND;TZID=Europe/Zurich:20260706T230000",
            "RRULE:FREQ=WEEKLY;COUNT=5",
            "EXDATE;TZID=Europe/Zurich:20260713T220000",
        ]
        moved = [
            "RECURRENCE-ID;TZID=Europe/Zurich:20260720T220000",
            "DTSTART;TZID=Europe/Zurich:20260721T120000",
            "DTEND;TZID=Europe/Zurich:20260721T140000",
        ]
        cancelled = [
            "RECURRENCE-ID;TZID=Europe/Zurich:20260727T220000",
            "DTSTART;TZID=Europe/Zurich:20260727T220000",
            "DTEND;TZID=Europe/Zurich:20260727T230000",
            "STATUS:CANCELLED",
        ]
        write(file, event(*series), event(*moved, summary="Moved"), event(*cancelled))
        assert local(file) == [
            ("07-06 22:00", "07-06 23:00"),
            ("07-21 12:00", "07-21 14:00"),
            ("08-03 22:00", "08-03 23:00"),
        ]
        assert read(file)[1].names == ("Moved",)

    def test_an_occurrence_that_moved_into_the_range_is_found(self, file: Path) -> None:
        write(
            file,
            event("DTSTART:20240101T100000Z", "DTEND:20240101T110000Z", "RRULE:FREQ=DAILY;COUNT=3"),
            event("RECURRENCE-ID:20240102T100000Z", "DTSTART:20260706T100000Z", "DTEND:20260706T110000Z"),
        )
        assert local(file) == [("07-06 12:00", "07-06 13:00")]

    def test_this_and_all_following_are_moved(self, file: Path) -> None:
        write(
            file,
            event("DTSTART:20260706T220000", "DTEND:20260706T230000", "RRULE:FREQ=DAILY;COUNT=3"),
            event(
                "RECURRENCE-ID;RANGE=THISANDFUTURE:20260707T220000", "DTSTART:20260707T200000", "DTEND:20260707T230000"
            ),
        )
        assert local(file) == [
            ("07-06 22:00", "07-06 23:00"),
            ("07-07 20:00", "07-07 23:00"),
            ("07-08 20:00", "07-08 23:00"),
        ]

    def test_floating_occurrences_are_excluded_and_added(self, file: Path) -> None:
        write(
            file,
            event(
                "DTSTART:20260706T220000",
                "DURATION:PT1H",
                "RRULE:FREQ=DAILY;COUNT=2",
                "EXDATE:20260707T220000",
                "RDATE:20260709T120000",
                "RDATE;VALUE=PERIOD:20260710T120000/PT3H",
            ),
        )
        assert local(file) == [
            ("07-06 22:00", "07-06 23:00"),
            ("07-09 12:00", "07-09 13:00"),
            ("07-10 12:00", "07-10 15:00"),
        ]

    @pytest.mark.parametrize(
        ("start", "until"),
        [
            ("DTSTART;TZID=America/New_York:20260706T220000", "20260709T020000Z"),
            ("DTSTART;TZID=America/New_York:20260706T220000", "20260708T220000"),
            ("DTSTART;TZID=America/New_York:20260706T220000", "20260708"),
            ("DTSTART:20260706T220000", "20260708T220000"),
            ("DTSTART:20260706T220000", "20260709T020000Z"),
            ("DTSTART:20260706T220000", "20260708"),
            ("DTSTART;VALUE=DATE:20260706", "20260708"),
            ("DTSTART;VALUE=DATE:20260706", "20260708T220000Z"),
        ],
    )
    def test_the_last_occurrence_is_kept_however_until_is_written(self, file: Path, start: str, until: str) -> None:
        end = "X-NONE:" if "VALUE" in start else "DURATION:PT1H"
        write(file, event(start, end, f"RRULE:FREQ=DAILY;UNTIL={until}"))
        assert [begin[:5] for begin, _ in local(file, "America/New_York")] == ["07-06", "07-07", "07-08"]

    def test_an_endless_yearly_day_is_found_in_the_range(self, file: Path) -> None:
        write(file, event("DTSTART;VALUE=DATE:20011224", "RRULE:FREQ=YEARLY"))
        assert local(file) == [("12-24 00:00", "12-25 00:00")]

    def test_the_newest_revision_of_an_event_counts(self, file: Path) -> None:
        write(
            file,
            event("DTSTART;VALUE=DATE:20260706", "SEQUENCE:1"),
            event("DTSTART;VALUE=DATE:20260708", "SEQUENCE:2"),
        )
        assert local(file) == [("07-08 00:00", "07-09 00:00")]

    def test_a_few_hours_in_a_row_may_be_written_as_a_series(self, file: Path) -> None:
        write(file, event("DTSTART:20260706T080000", "DURATION:PT10M", "RRULE:FREQ=HOURLY;COUNT=3"))
        assert [begin for begin, _ in local(file)] == ["07-06 08:00", "07-06 09:00", "07-06 10:00"]
