"""Ticks and deliveries on a real store: what is due is recorded and sent; the kills are in tests/lab."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from kastellan.adapters.store.opening import open_store
from kastellan.adapters.store.sql_store import SqlStore
from kastellan.domain.errors import RejectedError, StuckError, UnreachableError
from kastellan.domain.history import NoticeReceived
from kastellan.domain.message import DeliveryState, Message
from kastellan.domain.terms import Terms
from kastellan.execution.delivery import MOST_ATTEMPTS, deliver_due
from kastellan.execution.tick import read_ledger, record_due
from kastellan.ports.notifier import Receipt
from tests.histories import at
from tests.ticking import look_at, tick

START = at("2026-01-01")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'store.sqlite'}"


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    with open_store(url) as opened:
        yield opened


class Channel:
    """Remembers what it was given; fails as it is told."""

    def __init__(self, *problems: Exception, confirms: bool = True) -> None:
        self.problems = list(problems)
        self.confirms = confirms
        self.sent: list[Message] = []

    def send(self, message: Message) -> Receipt:
        if self.problems:
            raise self.problems.pop(0)
        self.sent.append(message)
        return Receipt(confirms_delivery=self.confirms)


def test_a_tick_records_sends_and_says_when_the_notice_counts_as_received(store: SqlStore) -> None:
    channel = Channel()
    tick(store, channel, START)
    assert [message.key.split("/")[0] for message in channel.sent] == ["window-offered"] * 2
    received = list(read_ledger(store, "acme").history.of(NoticeReceived))
    assert [notice.at for notice in received] == [START]


def test_without_a_confirmation_a_notice_counts_as_received_a_day_later(store: SqlStore) -> None:
    tick(store, Channel(confirms=False), START)
    (received,) = read_ledger(store, "acme").history.of(NoticeReceived)
    assert received.at == START + timedelta(hours=24)


def test_a_second_tick_records_and_sends_nothing(store: SqlStore) -> None:
    tick(store, Channel(), START)
    before, channel = store.entries("acme"), Channel()
    tick(store, channel, START + timedelta(minutes=1))
    assert store.entries("acme") == before
    assert channel.sent == []


def test_a_channel_that_is_away_for_a_while_gets_the_notice_later(store: SqlStore) -> None:
    away = Channel(UnreachableError("no route"), UnreachableError("no route"))
    outcomes = tick(store, away, START)
    assert [outcome.problem for outcome in outcomes] == ["no route"] * 2
    assert tick(store, away, START + timedelta(seconds=30)) == []
    tick(store, away, START + timedelta(minutes=1))
    assert len(away.sent) == 2


def test_a_channel_that_stays_away_is_given_up_and_on_record(store: SqlStore) -> None:
    now = START
    record_due(store, "acme", look_at(now), now)
    for _ in range(MOST_ATTEMPTS):
        problems = Channel(*[UnreachableError("no route")] * 2)
        list(deliver_due(store, problems, "acme", Terms(), now))
        now += timedelta(hours=13)
    assert {delivery.state for delivery in store.deliveries("acme")} == {DeliveryState.FAILED}
    failed = [entry for entry in store.entries("acme") if entry.kind == "notice-failed"]
    assert [entry.body["attempts"] for entry in failed] == [MOST_ATTEMPTS] * 2


def test_a_channel_that_refuses_is_not_asked_again(store: SqlStore) -> None:
    tick(store, Channel(RejectedError("no such room")), START)
    assert sorted(delivery.state for delivery in store.deliveries("acme")) == ["delivered", "failed"]


def test_a_ledger_that_was_tampered_with_takes_nothing_more(store: SqlStore) -> None:
    tick(store, Channel(), START)
    with store._transactions._engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER entries_update")
        connection.exec_driver_sql("UPDATE entries SET body = '{}' WHERE sequence = 1")
    before = store.entries("acme")
    with pytest.raises(StuckError, match="entry 1 of the ledger of acme is not as it was written"):
        tick(store, Channel(), START + timedelta(days=40))
    assert store.entries("acme") == before
