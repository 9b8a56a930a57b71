"""`calendar` as a file that a customer subscribes to."""

from datetime import UTC
from pathlib import Path
from typing import Any

import recurring_ical_events
from icalendar import Calendar

from tests.commands import Said, go_to, read, told

__all__ = ["go_to"]


class TestCalendar:
    def test_before_the_first_tick_there_is_none(self, go_to: Any, capsys: Said) -> None:
        go_to("2026-11-17T12:00")
        assert "has no ledger yet; run: kastellan tick acme" in told(capsys, "calendar", "acme", code=2)

    def test_it_has_the_promised_windows_at_their_instants(self, go_to: Any, capsys: Said) -> None:
        go_to("2026-11-17T12:00")
        told(capsys, "tick", "acme")
        text = told(capsys, "calendar", "acme")
        starts = [window["start"] for window in read(capsys, "windows", "acme")["windows"]]
        events = recurring_ical_events.of(Calendar.from_ical(text)).between((2026, 11, 1), (2028, 1, 1))
        assert [f"{event.start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" for event in events] == [
            start for start in starts if start < "2027-12-01"
        ], "whole months are promised"

    def test_a_denied_window_is_cancelled_under_the_same_uid_and_a_higher_sequence(
        self, go_to: Any, capsys: Said
    ) -> None:
        go_to("2026-11-17T12:00")
        told(capsys, "tick", "acme")

        def december() -> Any:
            found = Calendar.from_ical(told(capsys, "calendar", "acme")).events
            return next(event for event in found if "regular/2026-12" in str(event["SUMMARY"]))

        before = december()
        who = ("--who", "Ada Example", "--channel", "mail", "--reason", "our own release")
        told(capsys, "decide", "acme", "deny", "regular/2026-12", *who, "--yes")
        after = december()
        assert (str(after["STATUS"]), after["UID"]) == ("CANCELLED", before["UID"])
        assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])

    def test_it_is_written_whole_into_a_file(self, go_to: Any, capsys: Said, tmp_path: Path) -> None:
        go_to("2026-11-17T12:00")
        told(capsys, "tick", "acme")
        told(capsys, "calendar", "acme", "--output", str(tmp_path / "acme.ics"))
        assert (tmp_path / "acme.ics").read_bytes().endswith(b"END:VCALENDAR\r\n")
