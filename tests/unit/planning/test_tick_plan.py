"""A tick records everything that has become due, once, whenever it comes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kastellan.domain import window_expansion
from kastellan.domain.canonical import digest
from kastellan.domain.catalogue import Catalogue
from kastellan.domain.contract_record import last_contract, read_contract
from kastellan.domain.history import Fact, History, Item, NoticeReceived, Verdict, WindowOffered
from kastellan.domain.history_record import draft, read
from kastellan.domain.interval import Interval
from kastellan.domain.ledger import Draft, LedgerEntry
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.domain.release import Release, ReleaseClass
from kastellan.domain.window_promise import Computed, WindowPromise, promise_of
from kastellan.planning.tick_plan import TickInput, due
from tests.histories import CATALOGUE, CONTRACT, OLD, PATCHED, at, denied, enrolled, ran

if TYPE_CHECKING:
    from kastellan.domain.message import Message

DAY = timedelta(days=1)
URGENT = Catalogue(
    releases=(
        *CATALOGUE.releases,
        Release(version=PATCHED, published=None, reachable_from=OLD, release_class=ReleaseClass.SECURITY),
    )
)


@cache
def all_windows() -> tuple[Interval, ...]:
    return window_expansion.windows(CONTRACT.window_plan({}), at("2026-01-01"), at("2027-09-01"))


def entry(one: Draft) -> LedgerEntry:
    return LedgerEntry(
        installation="acme",
        sequence=1,
        kind=one.kind,
        key=one.key,
        at=one.at,
        noticed_at=one.at,
        body=one.body,
        previous="",
        hash="",
    )


MARCH = Item("regular/2026-03")
BROKEN = Reason(code="month-without-window", message="none", owner=Party.CUSTOMER, remediation="add one", clause="MU-2")


class Book:
    """Ledger and outbox of one installation, as plain dictionaries; what is said to it is on record at once."""

    def __init__(self, *facts: Fact, catalogue: Catalogue = CATALOGUE) -> None:
        self.windows: Sequence[Interval] = all_windows()
        self.catalogue = catalogue
        self.broken: tuple[Reason, ...] = ()
        self.drafts: dict[str, Draft] = {}
        self.messages: dict[str, Message] = {}
        self.later = sorted(facts, key=lambda fact: fact.at)
        self.known: tuple[History, WindowPromise, str] | None = None

    def record(self, one: Draft) -> None:
        if one.key not in self.drafts:
            self.known = None
        self.drafts[one.key] = one

    def tick(self, now: datetime) -> int:
        """Tick until nothing is new; every notice of an offer counts as received when the offer was due."""
        for fact in [fact for fact in self.later if fact.at <= now]:
            self.record(draft(fact))
        new = 0
        while True:
            found = due(self.given(now))
            if not found:
                return new
            new += len(found)
            for one in found:
                self.record(one.draft)
                self.messages.update({message.key: message for message in one.messages})
            for fact in self.history().of(WindowOffered):
                self.record(draft(NoticeReceived(at=fact.at, item=fact.item, start=fact.start)))

    def given(self, now: datetime) -> TickInput:
        history, promise, contract = self.read()
        return TickInput(
            installation="acme",
            contract=CONTRACT,
            catalogue=self.catalogue,
            channels=("operations", "customer"),
            configured=OLD,
            history=history,
            recorded=self.drafts.keys(),
            computed=Computed(
                windows=[window for window in self.windows if window.end > now],
                plan=CONTRACT.window_plan({}),
                sources={"tzdata": "2026.1"},
            ),
            promise=promise,
            recorded_contract=contract,
            broken=self.broken,
            now=now,
        )

    def read(self) -> tuple[History, WindowPromise, str]:
        """What the drafts say; read again only where one was added."""
        if self.known is None:
            entries = [entry(one) for one in self.drafts.values()]
            self.known = (read(entries), promise_of(entries), digest(last_contract(entries)))
        return self.known

    def history(self) -> History:
        return self.read()[0]

    def kinds(self) -> list[str]:
        return [one.key for one in sorted(self.drafts.values(), key=lambda one: (one.at, one.key))]


def ticked(book: Book, instants: Sequence[datetime]) -> Book:
    for instant in instants:
        book.tick(instant)
    return book


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


SCRIPT: tuple[Fact, ...] = (
    enrolled("2026-01-01"),
    denied("2026-01-13T22:00", when="2026-01-05T09:00"),
    denied("2026-02-10T22:00", when="2026-02-05T09:00"),
    denied("2026-03-10T22:00", when="2026-03-05T09:00"),
    ran("2026-04-14T22:00", Verdict.FAILED),
    ran("2026-05-12T22:00"),
)
END = at("2026-07-01")


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
