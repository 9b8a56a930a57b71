"""A tick records everything that has become due, once, whenever it comes."""

from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kastellan.domain.contract_record import read_contract
from kastellan.domain.history import Verdict
from kastellan.domain.history_record import draft
from kastellan.domain.interval import Interval
from kastellan.domain.ledger import Draft
from kastellan.domain.party import Party
from kastellan.planning.tick_plan import due
from tests.books import DAY, END, SCRIPT, URGENT, Book, ticked
from tests.histories import CONTRACT, PATCHED, at, denied, enrolled, ran


def test_the_first_tick_takes_the_installation_over_and_offers_what_is_near() -> None:
    book = Book()
    book.tick(at("2026-01-01"))
    assert book.kinds() == [
        "contract-recorded/2025-12-31T23:00:00Z",
        "enrolled",
        "notice-received/regular/2026-01/2026-01-13T21:00:00Z",
        "window-offered/regular/2026-01/2026-01-13T21:00:00Z",
        "windows-planned/2025-12-31T23:00:00Z",
    ]
    assert sorted(message.channel for message in book.messages.values()) == ["customer", "operations"]


def test_a_second_tick_at_the_same_instant_does_nothing() -> None:
    book = Book()
    book.tick(at("2026-01-05"))
    assert book.tick(at("2026-01-05")) == 0


def test_an_offer_names_the_window_in_local_time_and_says_that_silence_is_consent() -> None:
    book = ticked(Book(), [at("2026-01-01"), at("2026-01-14")])
    late, text = (message for message in book.messages.values() if message.key.endswith("customer"))
    assert text.subject == "acme: maintenance planned for Tuesday 2026-02-10 22:00 (UTC+0100)"
    assert "It brings v4.13.1" in text.text
    assert "silence is consent" in text.text
    assert "as it is offered late, it runs only with your permit" in late.text


def test_of_several_windows_the_first_that_can_be_offered_in_time_is_offered() -> None:
    book = Book(enrolled("2026-01-01"))
    weekly = [at(f"2026-01-{day:02}T22:00") for day in (6, 13, 20, 27)]
    windows = [Interval(start=start, end=start + timedelta(hours=6), names=()) for start in weekly]
    book.record(draft(enrolled("2026-01-01")))
    given = book.given(at("2026-01-02"))
    found = due(replace(given, computed=replace(given.computed, windows=windows)))
    (offer,) = [one for one in found if one.draft.kind == "window-offered"]
    assert offer.draft.body["start"] == "2026-01-20T21:00:00Z"


def test_reminders_are_due_at_their_instants_and_say_how_it_stands() -> None:
    facts = (denied("2026-02-10T22:00", when="2026-02-06T09:00"),)
    book = ticked(Book(enrolled(), *facts), [at("2026-01-01") + n * DAY for n in range(42)])
    reminders = {
        one.body["notice"]: one.at
        for one in book.drafts.values()
        if one.kind == "notice-due" and "2026-02" in one.key and "reminder" in one.key
    }
    start = at("2026-02-10T22:00")
    assert reminders == {
        "reminder-14d": start - 14 * DAY,
        "reminder-3d": start - 3 * DAY,
        "reminder-24h": start - DAY,
    }
    said = {key.split("/")[1]: message.text for key, message in book.messages.items() if "reminder" in key}
    assert "silence is consent" in said["reminder-14d"]
    assert "you denied it" in said["reminder-24h"]


def test_a_reminder_that_is_noticed_after_the_window_is_recorded_and_not_sent() -> None:
    book = ticked(Book(enrolled()), [at("2026-01-01"), at("2026-01-20")])
    assert any("reminder-24h" in key for key in book.drafts)
    assert not any("reminder" in key for key in book.messages)


def test_a_window_that_nobody_came_to_is_a_delay_on_our_side() -> None:
    book = ticked(Book(enrolled()), [at("2026-01-01"), at("2026-01-14"), at("2026-02-10T22:30")])
    delayed = [message.text for key, message in book.messages.items() if "delayed" in key]
    assert len(delayed) == 2
    assert "this lies with us" in delayed[0]


def test_a_run_gives_a_notice_of_its_end() -> None:
    window = "2026-01-13T22:00"
    facts = (enrolled(), ran(window, Verdict.BLOCKED, by=Party.CUSTOMER))
    book = ticked(Book(*facts), [at("2026-01-01"), at("2026-01-14")])
    (text,) = {message.text for key, message in book.messages.items() if "failed" in key}
    assert "blocked. customer acts next" in text


def test_three_denied_months_are_recorded_with_their_instants() -> None:
    windows = ("2026-01-13T22:00", "2026-02-10T22:00", "2026-03-10T22:00")
    facts = (enrolled("2025-12-15"), *(denied(window, when=f"{window[:7]}-02T09:00") for window in windows))
    book = ticked(Book(*facts), [at("2025-12-16") + n * DAY for n in range(120)])
    assert book.drafts["escalated/regular/2026-03"].at == at("2026-04-01")
    assert book.drafts["termination-right-arose/regular/2026-03"].at == at("2026-04-07")
    assert [one.body["state"] for key, one in book.drafts.items() if key.startswith("month-closed/2026")] == [
        "denied"
    ] * 3


def test_a_contract_is_recorded_whole_and_again_whenever_it_changes() -> None:
    book = ticked(Book(enrolled()), [at("2026-01-01"), at("2026-01-02")])
    given = book.given(at("2026-01-03"))
    stricter = replace(CONTRACT, terms=replace(CONTRACT.terms, denied_months=2))
    (one,) = [one.draft for one in due(replace(given, contract=stricter)) if one.draft.kind == "contract-recorded"]
    assert read_contract(one.body["contract"]) == stricter
    book.record(one)
    assert not any(
        one.draft.kind == "contract-recorded" for one in due(replace(book.given(at("2026-01-04")), contract=stricter))
    )
    assert any(one.draft.kind == "contract-recorded" for one in due(book.given(at("2026-01-04")))), "and back"


def test_an_urgent_release_opens_an_emergency_once() -> None:
    book = ticked(Book(enrolled(), catalogue=URGENT), [at("2026-01-02"), at("2026-01-03")])
    assert [key for key in book.drafts if key.startswith("emergency")] == [f"emergency-opened/emergency/{PATCHED}"]
    text = next(message.text for key, message in book.messages.items() if key.startswith("emergency"))
    assert "You have 5 calendar days from the receipt of this notice" in text


@cache
def punctual() -> dict[str, Draft]:
    return ticked(Book(*SCRIPT), [at("2026-01-01") + n * DAY for n in range(182)]).drafts


@given(st.lists(st.integers(0, 180 * 24), max_size=20), st.integers(36, 7 * 24))
def test_however_often_a_tick_comes_within_a_week_the_records_are_the_same(hours: list[int], gap: int) -> None:
    """Apart from when they were noticed, which no draft says."""
    regular = range(0, 181 * 24, gap)
    instants = [at("2026-01-01") + timedelta(hours=hour) for hour in sorted({*hours, *regular})]
    assert ticked(Book(*SCRIPT), [*instants, END]).drafts == punctual()


@pytest.mark.parametrize("days", [1, 2, 7])
def test_nothing_is_sent_twice(days: int) -> None:
    book = Book(*SCRIPT)
    sent: list[str] = []
    for n in range(0, 182, days):
        before = set(book.messages)
        book.tick(at("2026-01-01") + n * DAY)
        sent += set(book.messages) - before
    assert len(sent) == len(set(sent))
