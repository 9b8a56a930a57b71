from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from kastellan.adapters.calendar.feed import feed
from kastellan.domain.calendar_event import CalendarEvent

ZONES = ("Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca")
MADE_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
WINDOW = CalendarEvent(
    uid="acme-2026-02@kastellan",
    start=datetime(2026, 2, 10, 21, tzinfo=UTC),
    end=datetime(2026, 2, 11, 3, tzinfo=UTC),
    summary="Maintenance of acme",
    description="Update to 4.2.0",
    sequence=3,
    changed_at=datetime(2026, 1, 1, 12, tzinfo=UTC),
    cancelled=False,
)


@cache
def every_half_hour_about_each_change(zone: str) -> list[CalendarEvent]:
    """Eight hours about each change of the clock in 2026 and 2027; events of 90 minutes overlap the change itself."""
    hours = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(2 * 365 * 24)]
    offsets = [hour.astimezone(ZoneInfo(zone)).utcoffset() for hour in hours]
    changes = [hour for hour, before, after in zip(hours[1:], offsets, offsets[1:], strict=False) if before != after]
    assert len(changes) == 4
    starts = [change + timedelta(minutes=30 * n) for change in changes for n in range(-8, 8)]
    return [
        replace(WINDOW, uid=f"{n}@kastellan", start=start, end=start + timedelta(minutes=90))
        for n, start in enumerate(starts)
    ]


def expanded(ics: bytes) -> dict[str, tuple[datetime, datetime]]:
    found = recurring_ical_events.of(Calendar.from_ical(ics)).between(2025, 2029)
    return {str(e["UID"]): (e["DTSTART"].dt.astimezone(UTC), e["DTEND"].dt.astimezone(UTC)) for e in found}


def lines(ics: bytes) -> list[bytes]:
    return ics.replace(b"\r\n ", b"").split(b"\r\n")


class TestParity:
    @pytest.mark.parametrize("zone", ZONES)
    def test_another_program_reads_the_same_instants(self, zone: str) -> None:
        events = every_half_hour_about_each_change(zone)
        assert expanded(feed("acme", zone, events, made_at=MADE_AT)) == {e.uid: (e.start, e.end) for e in events}

    @pytest.mark.parametrize("zone", ZONES)
    def test_a_program_that_knows_the_zone_only_by_the_file_reads_the_same_instants(self, zone: str) -> None:
        events = every_half_hour_about_each_change(zone)
        ics = feed("acme", zone, events, made_at=MADE_AT)
        unknown = ics.replace(zone.encode(), b"Feed/" + zone.replace("/", "-").encode())
        assert expanded(unknown) == {e.uid: (e.start, e.end) for e in events}

    @pytest.mark.parametrize("zone", ZONES)
    def test_every_onset_is_the_local_time_before_the_change(self, zone: str) -> None:
        ics = feed("acme", zone, every_half_hour_about_each_change(zone), made_at=MADE_AT)
        observances = Calendar.from_ical(ics).timezones[0].subcomponents
        assert len(observances) >= 5
        for observance in observances[1:]:
            onset = (observance["DTSTART"].dt - observance["TZOFFSETFROM"].td).replace(tzinfo=UTC)
            before, after = (
                instant.astimezone(ZoneInfo(zone)).utcoffset() for instant in (onset - timedelta(seconds=1), onset)
            )
            assert (before, after) == (observance["TZOFFSETFROM"].td, observance["TZOFFSETTO"].td)
            assert observance.name == ("DAYLIGHT" if after > before else "STANDARD")


class TestConformance:
    def test_the_head_says_who_made_it_and_how_often_to_come_back(self) -> None:
        head = lines(feed("acme", "Europe/Zurich", [], made_at=MADE_AT))[:8]
        assert head == [
            b"BEGIN:VCALENDAR",
            b"PRODID:-//kastellan//maintenance//EN",
            b"VERSION:2.0",
            b"NAME:Maintenance of acme",
            b"X-WR-CALNAME:Maintenance of acme",
            b"LAST-MODIFIED:20260102T030405Z",
            b"REFRESH-INTERVAL;VALUE=DURATION:PT6H",
            b"X-PUBLISHED-TTL:PT6H",
        ]

    def test_an_event_is_written_in_the_time_of_the_contract(self) -> None:
        written = lines(feed("acme", "Europe/Zurich", [WINDOW], made_at=MADE_AT))
        assert written[written.index(b"BEGIN:VEVENT") :] == [
            b"BEGIN:VEVENT",
            b"UID:acme-2026-02@kastellan",
            b"DTSTAMP:20260101T120000Z",
            b"DTSTART;TZID=Europe/Zurich:20260210T220000",
            b"DTEND;TZID=Europe/Zurich:20260211T040000",
            b"SUMMARY:Maintenance of acme",
            b"DESCRIPTION:Update to 4.2.0",
            b"SEQUENCE:3",
            b"LAST-MODIFIED:20260101T120000Z",
            b"STATUS:CONFIRMED",
            b"TRANSP:TRANSPARENT",
            b"END:VEVENT",
            b"END:VCALENDAR",
            b"",
        ]

    @pytest.mark.parametrize("zone", (*ZONES, "Asia/Tokyo", "UTC"))
    def test_every_zone_that_is_named_is_defined(self, zone: str) -> None:
        parsed = Calendar.from_ical(feed("acme", zone, [WINDOW], made_at=MADE_AT))
        assert [definition.tz_name for definition in parsed.timezones] == [zone]
        assert parsed.get_missing_tzids() == set()

    def test_a_time_in_the_second_of_two_equal_hours_is_written_in_utc(self) -> None:
        second = replace(
            WINDOW, start=datetime(2026, 10, 25, 1, 30, tzinfo=UTC), end=datetime(2026, 10, 25, 2, tzinfo=UTC)
        )
        written = lines(feed("acme", "Europe/Zurich", [second], made_at=MADE_AT))
        assert b"DTSTART:20261025T013000Z" in written
        assert b"DTEND:20261025T020000Z" in written

    def test_no_event_recurs(self) -> None:
        assert b"RRULE" not in feed("acme", "Europe/Zurich", [WINDOW], made_at=MADE_AT)

    def test_a_cancelled_event_stays_with_its_uid_and_a_higher_sequence(self) -> None:
        cancelled = replace(WINDOW, sequence=4, cancelled=True)
        event = Calendar.from_ical(feed("acme", "Europe/Zurich", [cancelled], made_at=MADE_AT)).events[0]
        assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == (WINDOW.uid, 4, "CANCELLED")

    def test_the_order_of_the_events_does_not_matter(self) -> None:
        events = every_half_hour_about_each_change("Europe/Zurich")[:5]
        first, second = (feed("acme", "Europe/Zurich", e, made_at=MADE_AT) for e in (events, events[::-1]))
        assert first == second

    def test_an_event_that_did_not_change_keeps_its_bytes_in_a_later_feed(self) -> None:
        first, second = (
            feed("acme", "Europe/Zurich", [WINDOW], made_at=made_at) for made_at in (MADE_AT, WINDOW.start)
        )
        assert first != second
        assert first.partition(b"BEGIN:VEVENT")[2] == second.partition(b"BEGIN:VEVENT")[2]

    def test_two_events_with_one_uid_are_a_mistake_of_the_caller(self) -> None:
        with pytest.raises(ValueError, match="several events have the UID acme-2026-02@kastellan"):
            feed("acme", "Europe/Zurich", [WINDOW, WINDOW], made_at=MADE_AT)


class TestHostileText:
    @given(text=st.text(max_size=300))
    def test_text_comes_back_and_no_line_of_its_own_appears(self, text: str) -> None:
        ics = feed(text, "Europe/Zurich", [replace(WINDOW, summary=text, description=text)], made_at=MADE_AT)
        plain = feed("acme", "Europe/Zurich", [WINDOW], made_at=MADE_AT)
        assert [line.partition(b":")[0] for line in lines(ics)] == [line.partition(b":")[0] for line in lines(plain)]
        (event,) = Calendar.from_ical(ics).events
        assert event["DESCRIPTION"].splitlines() == [without_control(line) for line in text.splitlines()]
        assert event["SUMMARY"].split() == " ".join(without_control(line) for line in text.splitlines()).split()

    @given(text=st.text(alphabet="\\;,:nN\"^'\r\n\t x", max_size=60))
    def test_what_icalendar_escapes_comes_back_as_it_was(self, text: str) -> None:
        ics = feed("acme", "Europe/Zurich", [replace(WINDOW, description=text)], made_at=MADE_AT)
        (event,) = Calendar.from_ical(ics).events
        assert event["DESCRIPTION"] == text.replace("\r\n", "\n").replace("\r", "\n")

    @given(text=st.text(alphabet=st.sampled_from("aé漢😀\r\n;\\"), min_size=60, max_size=400))
    def test_no_line_is_longer_than_75_octets_and_all_end_with_crlf(self, text: str) -> None:
        ics = feed("acme", "Europe/Zurich", [replace(WINDOW, description=text)], made_at=MADE_AT)
        assert ics.endswith(b"\r\n")
        assert b"\n" not in ics.replace(b"\r\n", b"")
        assert b"\r" not in ics.replace(b"\r\n", b"")
        for line in ics.split(b"\r\n"):
            assert len(line) <= 75
            line.decode()  # a fold inside of a character would not be UTF-8

    @pytest.mark.parametrize("end_of_line", ["\r\n", "\r", "\n", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"])
    def test_no_line_can_be_smuggled_in(self, end_of_line: str) -> None:
        text = f"x{end_of_line}END:VEVENT{end_of_line}ATTACH:https://evil.example"
        ics = feed("acme", "Europe/Zurich", [replace(WINDOW, summary=text, description=text)], made_at=MADE_AT)
        # The most lenient reader, which folds nothing and takes every line break of Unicode for one.
        assert not [line for line in ics.decode().splitlines() if line.startswith(("ATTACH", "END:VEVENTATTACH"))]
        assert ics.decode().splitlines().count("END:VEVENT") == 1

    def test_control_characters_are_shown_as_replaced(self) -> None:
        event = replace(WINDOW, summary="a\x00b\x1bc\x7fd\ud800e\tf")
        ics = feed("acme", "Europe/Zurich", [event], made_at=MADE_AT)
        assert "SUMMARY:a\ufffdb\ufffdc\ufffdd\ufffde\tf".encode() in ics


class TestEvent:
    @pytest.mark.parametrize(
        ("changed", "message"),
        [
            ({"uid": "a b"}, "is no UID"),
            ({"uid": "a\r\nX:1"}, "is no UID"),
            ({"uid": ""}, "is no UID"),
            ({"end": WINDOW.start}, "ends before it begins"),
            ({"sequence": -1}, "a sequence begins at 0"),
            ({"changed_at": datetime(2026, 1, 1)}, "must be in UTC"),
            ({"start": WINDOW.start.astimezone(ZoneInfo("Europe/Zurich"))}, "must be in UTC"),
        ],
    )
    def test_what_cannot_be_published_cannot_be_made(self, changed: dict[str, object], message: str) -> None:
        with pytest.raises(ValueError, match=message):
            replace(WINDOW, **changed)


def without_control(text: str) -> str:
    return "".join("\ufffd" if is_control(c) else c for c in text)


def is_control(c: str) -> bool:
    return (c < " " and c != "\t") or "\x7f" <= c <= "\x9f" or c in "\ufffe\uffff" or "\ud800" <= c <= "\udfff"
