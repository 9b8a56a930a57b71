"""What a tick does about the windows that were promised (MU-1)."""

from dataclasses import replace
from datetime import date, timedelta

from kastellan.domain.history import WindowOffered
from kastellan.domain.history_record import draft
from kastellan.domain.window_promise import Computed
from tests.books import BROKEN, DAY, MARCH, SCRIPT, Book, all_windows, ticked
from tests.histories import CONTRACT, OLD, at, enrolled


class TestPromise:
    def test_windows_are_promised_for_thirteen_months_and_one_month_more_each_month(self) -> None:
        book = ticked(Book(enrolled()), [at("2026-01-01"), at("2026-03-02")])
        planned = [one for one in book.drafts.values() if one.kind == "windows-planned"]
        assert [(one.at, one.body["until"]) for one in planned] == [
            (at("2026-01-01"), "2027-01-31T23:00:00Z"),
            (at("2026-02-01"), "2027-02-28T23:00:00Z"),
            (at("2026-03-01"), "2027-03-31T22:00:00Z"),
        ]
        assert len(planned[0].body["windows"]) == 13
        assert len(planned[1].body["windows"]) == 1

    def test_a_change_is_proposed_with_a_notice_and_what_begins_earlier_stays(self) -> None:
        book = ticked(Book(enrolled()), [at("2026-01-01")])
        now = at("2026-01-20")
        book.windows = [window for window in all_windows() if window.start > at("2026-03-01")]
        book.windows = [
            replace(window, start=window.start + timedelta(hours=1), end=window.end + timedelta(hours=1))
            for window in book.windows
        ]
        assert book.tick(now)
        proposed = next(one for one in book.drafts.values() if one.kind == "windows-change-proposed")
        assert proposed.body["since"] == "2026-02-16T23:00:00Z"
        assert proposed.body["removed"][0] == "2026-03-10T21:00:00Z"
        promised = book.given(now).usable
        assert promised[0].start == at("2026-02-10T22:00"), "the window of February was promised and stays"
        assert promised[1].start == at("2026-03-10T23:00")
        text = next(message.text for key, message in book.messages.items() if "windows-change" in key)
        assert "No more: Tuesday 2026-03-10 22:00 (UTC+0100);" in text
        assert book.tick(now) == 0
        assert book.tick(at("2026-01-21")) == 0

    def test_a_window_that_was_named_to_the_customer_stays_whatever_changes(self) -> None:
        book = ticked(Book(enrolled()), [at("2026-01-01")])
        named = next(window for window in all_windows() if window.start == at("2026-03-10T22:00"))
        book.record(
            draft(WindowOffered(at=at("2026-01-02"), item=MARCH, start=named.start, end=named.end, version=OLD))
        )
        book.windows = [window for window in all_windows() if window.start < at("2026-03-01")]
        book.tick(at("2026-01-20"))
        assert named in book.given(at("2026-01-20")).promise.windows(at("2026-01-20"))
        proposed = next(one for one in book.drafts.values() if one.kind == "windows-change-proposed")
        assert "2026-03-10T21:00:00Z" not in proposed.body["removed"]
        assert "2026-04-14T20:00:00Z" in proposed.body["removed"]
        assert book.tick(at("2026-01-21")) == 0

    def test_a_window_of_another_length_is_a_change_too(self) -> None:
        book = ticked(Book(enrolled()), [at("2026-01-01")])
        book.windows = [replace(window, end=window.end - timedelta(hours=1)) for window in all_windows()]
        book.tick(at("2026-01-20"))
        proposed = next(one for one in book.drafts.values() if one.kind == "windows-change-proposed")
        assert (proposed.body["added"], proposed.body["removed"]) == ([], [])
        assert proposed.body["changed"][0] == "2026-03-10T21:00:00Z"

    def test_windows_that_break_the_promise_are_not_promised_and_the_clocks_go_on(self) -> None:
        book = ticked(Book(enrolled(), *SCRIPT[1:4]), [at("2026-01-01"), at("2026-02-20")])
        before = {key for key in book.drafts if key.startswith("windows-")}
        book.windows, book.broken = [], (BROKEN,)
        for day in ("2026-03-20", "2026-04-20"):
            book.tick(at(day))
        assert {key for key in book.drafts if key.startswith("windows-")} == before
        assert book.drafts["month-closed/2026-03"].body["state"] == "denied"
        assert "window-offered/regular/2026-04/2026-04-14T20:00:00Z" in book.drafts, "what was promised is offered"

    def test_the_inputs_of_the_windows_have_a_hash_that_changes_with_them_only(self) -> None:
        since, until = at("2026-01-01"), at("2027-01-01")
        plan = CONTRACT.window_plan({date(2026, 8, 1): "National Day", date(2028, 8, 1): "National Day"})
        one = Computed(windows=(), plan=plan, sources={})
        same = replace(one, plan=CONTRACT.window_plan({date(2026, 8, 1): "National Day"}), sources={"tzdata": "x"})
        other = replace(one, plan=CONTRACT.window_plan({date(2026, 8, 2): "National Day"}))
        assert one.inputs(since, until) == same.inputs(since, until) != other.inputs(since, until)

    def test_a_computation_that_comes_to_the_same_changes_nothing(self) -> None:
        book = ticked(Book(enrolled()), [at("2026-01-01") + n * DAY for n in range(60)])
        assert not any(one.kind == "windows-change-proposed" for one in book.drafts.values())
