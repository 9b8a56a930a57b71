from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kastellan.adapters.calendar.blackouts import read_blackouts
from kastellan.adapters.calendar.feed import feed
from kastellan.domain.calendar_event import CalendarEvent
from kastellan.domain.errors import InvalidInputError
from kastellan.domain.interval import Interval
from kastellan.domain.party import Party

ZONE = "Europe/Zurich"
SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
CUSTOM_ZONE = """BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:{offset}
TZOFFSETTO:{offset}
END:STANDARD
END:VTIMEZONE"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "closed.ics"


def event(*properties: str, uid: str = "1", summary: str = "Stocktaking") -> str:
    return "\n".join(["BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{summary}", *properties, "END:VEVENT"])


def write(file: Path, *components: str) -> Path:
    text = "\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//customer//EN", *components, "END:VCALENDAR", ""])
    file.write_bytes(text.replace("\n", "\r\n").encode())
    return file


def read(file: Path, zone: str = ZONE, since: datetime = SINCE, until: datetime = UNTIL) -> tuple[Interval, ...]:
    return read_blackouts(file, zone=zone, since=since, until=until)


def local(file: Path, zone: str = ZONE) -> list[tuple[str, str]]:
    """Closed times on the wall's clock, without the year."""
    return [
        (f"{i.start.astimezone(ZoneInfo(zone)):%m-%d %H:%M}", f"{i.end.astimezone(ZoneInfo(zone)):%m-%d %H:%M}")
        for i in read(file, zone)
    ]


def problems(file: Path) -> list[str]:
    with pytest.raises(InvalidInputError) as refused:
        read(file)
    assert str(file) in str(refused.value)
    assert all(reason.remediation and reason.owner is Party.CUSTOMER for reason in refused.value.reasons)
    return [f"{reason.path}: {reason.message}" for reason in refused.value.reasons]


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
