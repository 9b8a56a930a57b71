from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kastellan.adapters.calendar.feed import feed
from kastellan.domain.calendar_event import CalendarEvent
from kastellan.domain.interval import Interval
from tests.calendar_files import CUSTOM_ZONE, SINCE, UNTIL, ZONE, event, file, local, problems, read, write

__all__ = ["file"]


class TestSingleEvents:
    def test_an_event_of_a_zone_is_closed_at_its_instants_and_named_by_its_summary(self, file: Path) -> None:
        write(
            file, event("DTSTART;TZID=America/New_York:20260706T220000", "DTEND;TZID=America/New_York:20260707T010000")
        )
        start = datetime(2026, 7, 7, 2, tzinfo=UTC)
        assert read(file) == (Interval(start=start, end=start + timedelta(hours=3), names=("Stocktaking",)),)

    def test_a_time_in_utc_is_an_instant(self, file: Path) -> None:
        write(file, event("DTSTART:20260706T220000Z", "DTEND:20260706T230000Z"))
        assert read(file)[0].start == datetime(2026, 7, 6, 22, tzinfo=UTC)

    def test_a_floating_time_is_one_of_the_contracts_zone(self, file: Path) -> None:
        write(file, event("DTSTART:20260706T220000", "DTEND:20260706T230000"))
        assert local(file, "Australia/Lord_Howe") == [("07-06 22:00", "07-06 23:00")]

    def test_a_zone_beside_the_calendar_does_not_change_floating_times(self, file: Path) -> None:
        write(file, "X-WR-TIMEZONE:America/New_York", event("DTSTART:20260706T220000", "DTEND:20260706T230000"))
        assert local(file) == [("07-06 22:00", "07-06 23:00")]

    @pytest.mark.parametrize(
        ("day", "hours"),
        [("20260329", 23), ("20261025", 25), ("20260706", 24)],
        ids=["clock forward", "clock back", "ordinary"],
    )
    def test_a_day_is_closed_from_local_midnight_to_local_midnight(self, file: Path, day: str, hours: int) -> None:
        write(file, event(f"DTSTART;VALUE=DATE:{day}"))
        (found,) = read(file)
        assert found.duration == timedelta(hours=hours)
        assert found.start.astimezone(ZoneInfo(ZONE)).strftime("%Y%m%d %H:%M") == f"{day} 00:00"

    def test_days_end_before_the_day_of_their_end(self, file: Path) -> None:
        write(file, event("DTSTART;VALUE=DATE:20261221", "DTEND;VALUE=DATE:20261224"))
        assert local(file) == [("12-21 00:00", "12-24 00:00")]

    def test_without_an_end_a_time_lasts_no_time_and_closes_nothing(self, file: Path) -> None:
        assert read(write(file, event("DTSTART:20260706T220000"))) == ()

    def test_hours_of_a_duration_are_exact_and_not_those_of_the_walls_clock(self, file: Path) -> None:
        write(file, event("DTSTART;TZID=Europe/Zurich:20260328T220000", "DURATION:PT8H"))
        assert local(file) == [("03-28 22:00", "03-29 07:00")]

    def test_an_end_that_is_written_is_the_end_also_in_the_night_of_a_change_of_the_clock(self, file: Path) -> None:
        write(file, event("DTSTART;TZID=Europe/Zurich:20260328T220000", "DTEND;TZID=Europe/Zurich:20260329T060000"))
        assert local(file) == [("03-28 22:00", "03-29 06:00")]

    def test_a_local_time_that_is_skipped_keeps_the_offset_before_the_gap(self, file: Path) -> None:
        write(file, event("DTSTART;TZID=Europe/Zurich:20260329T023000", "DTEND;TZID=Europe/Zurich:20260329T050000"))
        assert local(file) == [("03-29 03:30", "03-29 05:00")]

    def test_a_local_time_that_is_repeated_means_the_first(self, file: Path) -> None:
        write(file, event("DTSTART:20261025T023000", "DTEND:20261025T040000"))
        assert read(file)[0].start == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)

    @pytest.mark.parametrize("said", ["STATUS:CANCELLED", "TRANSP:TRANSPARENT", "status:cancelled"])
    def test_what_is_cancelled_or_free_is_not_closed(self, file: Path, said: str) -> None:
        assert read(write(file, event("DTSTART;VALUE=DATE:20260706", said))) == ()

    @pytest.mark.parametrize("said", ["STATUS:TENTATIVE", "TRANSP:OPAQUE", "CLASS:PRIVATE"])
    def test_anything_else_is_closed(self, file: Path, said: str) -> None:
        assert len(read(write(file, event("DTSTART;VALUE=DATE:20260706", said)))) == 1

    def test_what_sticks_out_of_the_range_is_cut_off_and_its_edges_are_half_open(self, file: Path) -> None:
        write(
            file,
            event("DTSTART:20251231T000000Z", "DTEND:20260101T000000Z", uid="before"),
            event("DTSTART:20251231T120000Z", "DTEND:20260102T000000Z", uid="into"),
            event("DTSTART:20261231T230000Z", "DTEND:20270102T000000Z", uid="out of"),
            event("DTSTART:20270101T000000Z", "DTEND:20270102T000000Z", uid="after"),
        )
        assert [(i.start, i.end) for i in read(file)] == [
            (SINCE, SINCE + timedelta(days=1)),
            (UNTIL - timedelta(hours=1), UNTIL),
        ]

    @pytest.mark.parametrize(("zone", "hour"), [("Pacific/Kiritimati", -14), ("Pacific/Pago_Pago", 11)])
    def test_a_day_far_from_utc_is_found_by_any_part_of_it(self, file: Path, zone: str, hour: int) -> None:
        write(file, event("DTSTART;VALUE=DATE:20260706"))
        start = datetime(2026, 7, 6, tzinfo=UTC) + timedelta(hours=hour)
        for n in range(24):
            since = start + timedelta(hours=n)
            (found,) = read(file, zone, since, since + timedelta(hours=1))
            assert (found.start, found.end) == (since, since + timedelta(hours=1))
        assert read(file, zone, start - timedelta(hours=1), start) == ()
        assert read(file, zone, start + timedelta(hours=24), start + timedelta(hours=25)) == ()

    def test_an_event_without_a_summary_has_a_name_all_the_same(self, file: Path) -> None:
        write(file, "BEGIN:VEVENT\nUID:1\nDTSTART;VALUE=DATE:20260706\nEND:VEVENT")
        assert read(file)[0].names == ("closed by the customer's calendar",)

    def test_our_own_feed_closes_nothing(self, file: Path) -> None:
        window = CalendarEvent(
            uid="1", start=SINCE, end=UNTIL, summary="s", description="", sequence=0, changed_at=SINCE, cancelled=False
        )
        file.write_bytes(feed("acme", ZONE, [window], made_at=SINCE))
        assert read(file) == ()


class TestZones:
    def test_a_zone_that_the_file_defines_is_used_wherever_it_stands(self, file: Path) -> None:
        of_zone = event("DTSTART;TZID=Customized Time Zone:20260706T220000", "DURATION:PT1H")
        write(file, of_zone, CUSTOM_ZONE.format(offset="+0300"))
        assert read(file)[0].start == datetime(2026, 7, 6, 19, tzinfo=UTC)

    def test_the_zone_of_one_file_does_not_leak_into_the_next(self, file: Path) -> None:
        of_zone = event("DTSTART;TZID=Customized Time Zone:20260706T220000", "DURATION:PT1H")
        assert read(write(file, CUSTOM_ZONE.format(offset="+0300"), of_zone))[0].start.hour == 19
        assert read(write(file, CUSTOM_ZONE.format(offset="+0500"), of_zone))[0].start.hour == 17
        assert problems(write(file, of_zone)) == [
            "event 'Stocktaking' (UID 1): its time zone 'Customized Time Zone' is neither an IANA name nor defined in"
            " the file"
        ]

    def test_names_of_windows_and_of_vendors_are_understood(self, file: Path) -> None:
        write(
            file,
            event("DTSTART;TZID=W. Europe Standard Time:20260706T220000", "DURATION:PT1H"),
            event("DTSTART;TZID=/citadel.org/Europe/Zurich:20260706T220000", "DURATION:PT1H", uid="2"),
        )
        assert [i.start.hour for i in read(file)] == [20, 20]


class TestFiles:
    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "it has no complete VCALENDAR"),
            (b"\x89PNG\r\n\x1a\n\x00\x00\xff", "it is no text in UTF-8"),
            (b"\x00" * 1000, "it is no calendar: "),
            (b"<html>sign in</html>", "it is no calendar: "),
            (b"BEGIN:VEVENT\r\nEND:VEVENT\r\n", "it has no complete VCALENDAR"),
            (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260706\r\n", "it has no complete VCALENDAR"),
            (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\nBEGIN:VCALENDAR\r\n", "it is cut off"),
            (b"END:VCALENDAR\r\n", "it is no calendar: "),
            (b"x" * (10 * 1024 * 1024 + 1), "it is larger than 10 MiB"),
        ],
        ids=["empty", "binary", "zeros", "html", "no calendar", "cut off", "second cut off", "end", "large"],
    )
    def test_a_file_that_is_no_calendar_is_refused(self, file: Path, content: bytes, message: str) -> None:
        file.write_bytes(content)
        assert problems(file)[0].startswith(f": {message}")

    def test_events_within_events_without_a_bottom_are_refused(self, file: Path) -> None:
        write(file, *["BEGIN:VEVENT"] * 2000, *["END:VEVENT"] * 2000)
        assert len(problems(file)) == 2000

    def test_a_file_that_is_not_there_is_refused(self, file: Path) -> None:
        assert problems(file) == [": No such file or directory"]

    def test_a_folder_is_refused(self, tmp_path: Path) -> None:
        assert problems(tmp_path) == [": Is a directory"]

    def test_a_calendar_without_events_closes_nothing(self, file: Path) -> None:
        assert read(write(file)) == ()

    def test_a_byte_order_mark_and_bare_line_feeds_are_read(self, file: Path) -> None:
        write(file, event("DTSTART;VALUE=DATE:20260706"))
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\r\n", b"\n"))
        assert len(read(file)) == 1

    def test_several_calendars_in_one_file_are_all_read(self, file: Path) -> None:
        first = write(file, event("DTSTART;VALUE=DATE:20260706")).read_bytes()
        second = write(file, event("DTSTART;VALUE=DATE:20260708", uid="2")).read_bytes()
        file.write_bytes(first + second)
        assert len(read(file)) == 2

    def test_a_huge_line_does_not_hold_it_up(self, file: Path) -> None:
        write(file, event("DTSTART;VALUE=DATE:20260706", summary="x" * 1_000_000))
        (found,) = read(file)
        assert len(found.names[0]) == 80

    def test_two_thousand_events_are_read(self, file: Path) -> None:
        days = [SINCE + timedelta(hours=4.2 * n) for n in range(2000)]
        times = [f"DTSTART:{day:%Y%m%dT%H%M%S}Z\nDURATION:PT1H" for day in days]
        write(file, *(event(time, uid=str(n)) for n, time in enumerate(times)))
        assert len(read(file)) == 2000
