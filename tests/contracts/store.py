"""The contract of `ports.store.Store`: a test class that is run with SQLite and with a real PostgreSQL.

A subclass gives the fixture `url` of an empty database.
"""

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kastellan.adapters.store.opening import open_store
from kastellan.adapters.store.sql_store import SqlStore
from kastellan.domain.errors import ConflictError, StuckError
from kastellan.domain.ledger import Draft, LedgerEntry, first_flaw
from kastellan.domain.message import Delivery, DeliveryState, Message
from kastellan.ports.quiet_times import QuietTime
from kastellan.ports.store import Checkpoint

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MESSAGE = Message(key="offer/1/operations", channel="operations", subject="planned", text="grüezi\n")

KILLED = """
import sys
from datetime import UTC, datetime
from kastellan.adapters.store.opening import open_store
from kastellan.domain.ledger import Draft
from kastellan.domain.message import Message
now = datetime(2026, 11, 24, 12, tzinfo=UTC)
with open_store(sys.argv[1]) as store:
    print("open", flush=True)
    while True:
        seen = len(store.entries("acme"))
        pair = [Draft(kind="half", key=f"{seen}/{n}", at=now) for n in (1, 2)]
        note = Message(key=f"{seen}", channel="operations", subject="s", text="t")
        store.append("acme", pair, seen=seen, noticed_at=now, messages=[note])
"""


def fact(key: str, **body: str) -> Draft:
    return Draft(kind="fact", key=key, at=NOW, body=body)


class StoreContract:
    @pytest.fixture
    def store(self, url: str) -> Iterator[SqlStore]:
        with open_store(url) as opened:
            yield opened

    def test_what_is_recorded_is_read_back_and_chained(self, store: SqlStore) -> None:
        first = store.append("acme", [fact("a", who="Zoë"), fact("b")], seen=0, noticed_at=NOW)
        second = store.append("acme", [fact("c")], seen=2, noticed_at=NOW + HOUR)
        assert store.entries("acme") == (*first, *second)
        assert [entry.sequence for entry in store.entries("acme")] == [1, 2, 3]
        assert first_flaw(store.entries("acme")) is None

    def test_a_key_that_is_there_is_left_out(self, store: SqlStore) -> None:
        store.append("acme", [fact("a")], seen=0, noticed_at=NOW, messages=[MESSAGE])
        again = store.append("acme", [fact("a"), fact("b")], seen=1, noticed_at=NOW, messages=[MESSAGE, MESSAGE])
        assert [entry.key for entry in again] == ["b"]
        assert len(store.deliveries("acme")) == 1

    def test_a_decision_on_a_stale_ledger_is_refused(self, store: SqlStore) -> None:
        store.append("acme", [fact("a")], seen=0, noticed_at=NOW)
        with pytest.raises(ConflictError, match="has grown to 1 since it was read at 0"):
            store.append("acme", [fact("b")], seen=0, noticed_at=NOW, messages=[MESSAGE])
        assert len(store.entries("acme")) == 1
        assert store.deliveries("acme") == ()

    def test_a_clock_that_was_set_back_records_nothing(self, store: SqlStore) -> None:
        store.append("acme", [fact("a")], seen=0, noticed_at=NOW)
        with pytest.raises(StuckError, match="set the machine's clock right"):
            store.append("acme", [fact("b")], seen=1, noticed_at=NOW - timedelta(days=1))
        assert len(store.entries("acme")) == 1

    def test_clocks_of_two_machines_may_differ_a_little(self, store: SqlStore) -> None:
        store.append("acme", [fact("a")], seen=0, noticed_at=NOW)
        (entry,) = store.append("acme", [fact("b")], seen=1, noticed_at=NOW - timedelta(minutes=5))
        assert entry.noticed_at == NOW
        with pytest.raises(StuckError):
            store.append("acme", [fact("c")], seen=2, noticed_at=NOW - timedelta(minutes=5, seconds=1))

    def test_ledgers_of_two_installations_know_nothing_of_each_other(self, store: SqlStore) -> None:
        store.append("acme", [fact("a")], seen=0, noticed_at=NOW)
        store.append("bolt", [fact("a")], seen=0, noticed_at=NOW - HOUR)
        assert store.installations() == ("acme", "bolt")
        assert [entry.sequence for entry in store.entries("bolt")] == [1]

    def test_the_head_is_that_of_the_last_entry(self, store: SqlStore) -> None:
        assert store.head("acme") == (0, "0" * 64)
        *_, last = store.append("acme", [fact("a"), fact("b")], seen=0, noticed_at=NOW)
        assert store.head("acme") == (2, last.hash)

    def test_the_heads_of_all_ledgers_are_read_at_once(self, store: SqlStore) -> None:
        for name in ("acme", "bolt"):
            store.append(name, [fact("a")], seen=0, noticed_at=NOW)
        assert store.heads() == {name: store.head(name) for name in ("acme", "bolt")}

    def test_a_quiet_time_replaces_the_one_before(self, store: SqlStore) -> None:
        def quiet(name: str, inputs: str) -> QuietTime:
            return QuietTime(
                installation=name, inputs=inputs, files=("a b",), since=NOW, until=NOW + HOUR, answer={"zone": "Zürich"}
            )

        assert store.quiet_times.all() == {}
        store.quiet_times.keep([quiet("bolt", "1"), quiet("acme", "1")])
        store.quiet_times.keep([quiet("acme", "2")])
        store.quiet_times.keep([])
        assert store.quiet_times.all() == {"acme": quiet("acme", "2"), "bolt": quiet("bolt", "1")}

    def test_what_was_read_from_one_ledger_can_be_recorded_in_another(self, store: SqlStore) -> None:
        store.append("acme", [fact("a", who="Zoë")], seen=0, noticed_at=NOW)
        (read,) = store.entries("acme")
        copy = Draft(kind=read.kind, key=read.key, at=read.at, body=read.body)
        store.append("globex", [copy], seen=0, noticed_at=NOW)
        assert [dict(entry.body) for entry in store.entries("globex")] == [{"who": "Zoë"}]
        assert first_flaw(store.entries("globex")) is None

    def test_an_unknown_installation_has_an_empty_ledger(self, store: SqlStore) -> None:
        assert store.entries("nobody") == ()
        assert store.installations() == ()

    def test_a_message_is_begun_by_one_only_and_ends_with_what_became_of_it(self, store: SqlStore) -> None:
        store.append("acme", [fact("a")], seen=0, noticed_at=NOW, messages=[MESSAGE])
        (queued,) = store.due_deliveries("acme", NOW)
        begun = store.begin_delivery(queued, retry_at=NOW + HOUR)
        assert begun is not None
        assert (begun.state, begun.attempts) == (DeliveryState.SENDING, 1)
        assert store.begin_delivery(queued, retry_at=NOW + HOUR) is None
        assert store.due_deliveries("acme", NOW) == ()
        assert store.due_deliveries("bolt", NOW + HOUR) == ()
        assert store.due_deliveries("acme", NOW + HOUR) == (begun,), "a delivery that never ended is due again"
        done = Delivery(
            installation="acme",
            message=begun.message,
            queued_at=begun.queued_at,
            state=DeliveryState.DELIVERED,
            attempts=begun.attempts,
            not_before=begun.not_before,
        )
        store.append("acme", [fact("delivered")], seen=1, noticed_at=NOW, finishes=done)
        assert store.due_deliveries("acme", NOW + 2 * HOUR) == ()
        assert store.deliveries("acme") == (done,)

    def test_a_checkpoint_that_contradicts_the_ledger_is_refused(self, store: SqlStore) -> None:
        (entry,) = store.append("acme", [fact("a")], seen=0, noticed_at=NOW)
        good = Checkpoint(installation="acme", sequence=1, hash=entry.hash, at=NOW, key_id="k", signature="s")
        store.add_checkpoint(good)
        store.add_checkpoint(good)
        assert store.checkpoints("acme") == (good,)
        bad = Checkpoint(installation="acme", sequence=1, hash="f" * 64, at=NOW, key_id="k", signature="s")
        with pytest.raises(StuckError, match="contradicts the ledger"):
            store.add_checkpoint(bad)

    def test_entries_cannot_be_changed_by_mistake(self, store: SqlStore) -> None:
        store.append("acme", [fact("a")], seen=0, noticed_at=NOW)
        for statement in ("UPDATE entries SET kind = 'other'", "DELETE FROM entries"):
            with pytest.raises(Exception, match="never changed"), store._transactions._engine.begin() as connection:
                connection.exec_driver_sql(statement)

    def test_a_ledger_that_is_broken_at_its_end_takes_nothing_more(self, store: SqlStore) -> None:
        store.append("acme", [fact("a")], seen=0, noticed_at=NOW)
        with store._transactions._engine.begin() as connection:
            connection.exec_driver_sql("UPDATE chain_heads SET hash = 'damaged'")
        with pytest.raises(StuckError, match="broken at its end"):
            store.append("acme", [fact("b")], seen=1, noticed_at=NOW)

    def test_a_store_of_a_newer_kastellan_is_refused(self, url: str, store: SqlStore) -> None:
        with store._transactions._engine.begin() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(StuckError, match="schema 9999, which this kastellan does not know"), open_store(url):
            pass

    def test_many_writers_make_one_chain_without_gaps(self, url: str, store: SqlStore) -> None:
        def write(name: int) -> None:
            with open_store(url) as own:
                for number in range(10):
                    _insist(own, fact(f"{name}/{number}"))

        threads = [threading.Thread(target=write, args=(name,)) for name in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found = store.entries("acme")
        assert len(found) == 40
        assert first_flaw(found) is None

    def test_a_fresh_database_may_be_opened_by_several_at_once(self, url: str) -> None:
        problems: list[Exception] = []

        def attempt() -> None:
            try:
                with open_store(url) as own:
                    own.installations()
            except Exception as problem:  # whatever it is, the test shows it
                problems.append(problem)

        threads = [threading.Thread(target=attempt) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert problems == []


def _insist(store: SqlStore, draft: Draft) -> tuple[LedgerEntry, ...]:
    while True:
        try:
            return store.append("acme", [draft], seen=len(store.entries("acme")), noticed_at=NOW)
        except ConflictError:
            continue


class KilledWriterContract:
    """Apart from the rest, because it takes seconds."""

    def test_a_writer_that_is_killed_leaves_all_of_a_transaction_or_nothing(self, url: str) -> None:
        for pause in range(1, 6):
            with subprocess.Popen(
                [sys.executable, "-c", KILLED, url], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
            ) as writer:
                assert writer.stdout is not None
                writer.stdout.readline()
                threading.Event().wait(pause * 0.013)
                writer.kill()
            with open_store(url) as store:
                found, deliveries = store.entries("acme"), store.deliveries("acme")
            assert first_flaw(found) is None
            assert len(found) % 2 == 0
            assert len(deliveries) == len(found) // 2
        assert found, "no writer got so far as to write"
