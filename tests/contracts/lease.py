"""The contract of `ports.lease.Leases`, and of the fence in `ports.run_journal.RunJournal`: with SQLite and PostgreSQL.

A subclass gives the fixture `url` of an empty database.
"""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from kastellan.adapters.store.opening import open_store
from kastellan.adapters.store.sql_store import SqlStore
from kastellan.domain.errors import ConflictError, LeaseLostError
from kastellan.domain.history import RunStarted, Verdict
from kastellan.domain.history_record import draft
from kastellan.domain.ledger import Draft, first_flaw
from kastellan.domain.party import Party
from kastellan.domain.run import RunClosed, StepEnded, StepStarted
from kastellan.domain.run_step import Done, StepName
from kastellan.ports.lease import Lease
from tests.histories import NEW, OLD
from tests.runs import START, run_plan

HOUR = timedelta(hours=1)


def begun(step: StepName = StepName.LEASE, attempt: int = 1) -> StepStarted:
    return StepStarted(at=START, step=step, attempt=attempt, token=1, worker="one")


def done(step: StepName = StepName.LEASE) -> StepEnded:
    return StepEnded(at=START, step=step, attempt=1, milliseconds=5, outcome=Done(summary="done", evidence={"n": 1}))


CLOSED = RunClosed(at=START + HOUR, verdict=Verdict.PASSED, attribution=Party.VENDOR, version=NEW, reason="")
STARTED = draft(RunStarted(at=START, item=run_plan().item, start=START, version=NEW))


def taken(store: SqlStore, holder: str = "one", installation: str = "acme") -> Lease:
    lease = store.leases.take(installation, holder, seen=store.leases.look(installation), now=START)
    assert lease is not None
    return lease


class StoreFixture:
    @pytest.fixture
    def store(self, url: str) -> Iterator[SqlStore]:
        with open_store(url) as opened:
            yield opened


class LeaseContract(StoreFixture):
    def test_tokens_grow_whoever_takes_it_and_also_after_it_was_given_back(self, store: SqlStore) -> None:
        assert store.leases.look("acme") is None
        first = taken(store)
        store.leases.release(first)
        second, third = taken(store), taken(store, "two")
        assert [first.token, second.token, third.token] == [1, 2, 3]
        state = store.leases.look("acme")
        assert state is not None
        assert (state.holder, state.token, state.taken_at) == ("two", 3, START)

    def test_of_two_who_saw_the_same_only_one_takes_it(self, store: SqlStore) -> None:
        assert store.leases.take("acme", "one", seen=None, now=START)
        assert store.leases.take("acme", "two", seen=None, now=START) is None
        seen = store.leases.look("acme")
        assert store.leases.take("acme", "two", seen=seen, now=START)
        assert store.leases.take("acme", "three", seen=seen, now=START) is None

    def test_a_lease_that_was_renewed_since_it_was_looked_at_is_not_taken(self, store: SqlStore) -> None:
        lease = taken(store)
        seen = store.leases.look("acme")
        store.leases.renew(lease)
        assert store.leases.take("acme", "two", seen=seen, now=START) is None

    def test_twenty_at_once_get_it_once(self, store: SqlStore) -> None:
        barrier = threading.Barrier(20)
        got: list[Lease | None] = []

        def take(number: int) -> None:
            barrier.wait()
            got.append(store.leases.take("acme", f"worker-{number}", seen=None, now=START))

        threads = [threading.Thread(target=take, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(got) == 20
        assert sum(lease is not None for lease in got) == 1

    def test_a_holder_who_was_away_too_long_can_neither_renew_nor_release_it(self, store: SqlStore) -> None:
        asleep = taken(store)
        taken(store, "two")
        with pytest.raises(LeaseLostError, match="was taken over"):
            store.leases.renew(asleep)
        store.leases.release(asleep)
        state = store.leases.look("acme")
        assert state is not None
        assert state.holder == "two"

    def test_what_was_released_is_not_renewed(self, store: SqlStore) -> None:
        lease = taken(store)
        store.leases.release(lease)
        with pytest.raises(LeaseLostError):
            store.leases.renew(lease)

    def test_leases_of_two_installations_know_nothing_of_each_other(self, store: SqlStore) -> None:
        store.leases.renew(taken(store))
        assert taken(store, "two", "bolt").token == 1


class JournalContract(StoreFixture):
    def test_a_run_is_read_as_it_was_written(self, store: SqlStore) -> None:
        lease = taken(store)
        run = store.journal.open(run_plan(), lease=lease)
        assert (run.plan, run.events) == (run_plan(), 0)
        run = store.journal.write(run, begun(), lease=lease)
        run = store.journal.write(run, done(), lease=lease)
        assert run.step(StepName.LEASE).done
        assert store.journal.read(run.plan.id) == run
        assert store.journal.unfinished() == (run,)
        closed = store.journal.write(run, CLOSED, lease=lease)
        assert closed.closed == CLOSED
        assert store.journal.unfinished() == ()
        assert store.journal.runs("acme") == store.journal.runs() == (closed,)
        assert store.journal.runs("bolt") == ()
        assert store.journal.read("nothing") is None

    def test_opening_a_run_again_keeps_the_plan_that_it_had(self, store: SqlStore) -> None:
        lease = taken(store)
        run = store.journal.write(store.journal.open(run_plan(), lease=lease), begun(), lease=lease)
        again = store.journal.open(run_plan(planned_at=START + HOUR), lease=lease)
        assert again == run

    def test_the_newest_runs_come_first(self, store: SqlStore) -> None:
        lease = taken(store)
        for attempt in (1, 2, 3):
            store.journal.open(run_plan(attempt=attempt, planned_at=START + attempt * HOUR), lease=lease)
        assert [run.plan.attempt for run in store.journal.runs(limit=2)] == [3, 2]
        assert [run.plan.attempt for run in store.journal.unfinished()] == [1, 2, 3]

    def test_a_worker_that_thaws_after_a_takeover_writes_nothing_more(self, store: SqlStore) -> None:
        frozen = taken(store)
        run = store.journal.open(run_plan(), lease=frozen)
        run = store.journal.write(run, begun(), lease=frozen)
        heir = taken(store, "two")
        store.journal.write(run, begun(attempt=2), lease=heir)
        for write in (
            lambda: store.journal.write(run, begun(StepName.UP), lease=frozen, drafts=[STARTED]),
            lambda: store.journal.open(run_plan(attempt=2), lease=frozen),
        ):
            with pytest.raises(LeaseLostError):
                write()
        (found,) = store.journal.runs()
        assert not found.changed
        assert store.entries("acme") == ()

    def test_a_lease_of_another_installation_is_no_lease(self, store: SqlStore) -> None:
        run = store.journal.open(run_plan(), lease=taken(store))
        with pytest.raises(LeaseLostError):
            store.journal.write(run, begun(), lease=Lease(installation="acme", token=1, holder="nobody"))

    def test_an_event_counts_as_a_renewal(self, store: SqlStore) -> None:
        lease = taken(store)
        run = store.journal.open(run_plan(), lease=lease)
        seen = store.leases.look("acme")
        store.journal.write(run, begun(), lease=lease)
        assert store.leases.take("acme", "two", seen=seen, now=START) is None

    def test_facts_are_recorded_with_the_event_or_not_at_all(self, store: SqlStore) -> None:
        lease = taken(store)
        run = store.journal.open(run_plan(), lease=lease)
        store.journal.write(run, begun(), lease=lease, drafts=[STARTED])
        with pytest.raises(ConflictError, match="somebody else wrote to the run"):
            store.journal.write(run, begun(), lease=lease, drafts=[Draft(kind="fact", key="b", at=START)])
        assert [entry.key for entry in store.entries("acme")] == [STARTED.key]
        assert first_flaw(store.entries("acme")) is None

    def test_what_is_written_again_because_its_answer_was_lost_is_there_once(self, store: SqlStore) -> None:
        lease = taken(store)
        run = store.journal.open(run_plan(), lease=lease)
        written = store.journal.write(run, begun(), lease=lease, drafts=[STARTED], seen=0)
        assert store.journal.write(run, begun(), lease=lease, drafts=[STARTED], seen=0) == written
        assert [entry.key for entry in store.entries("acme")] == [STARTED.key]
        with pytest.raises(ConflictError, match="somebody else wrote to the run"):
            store.journal.write(run, begun(StepName.UP), lease=lease)

    def test_a_step_does_not_begin_on_a_ledger_that_has_grown_since(self, store: SqlStore) -> None:
        lease = taken(store)
        run = store.journal.open(run_plan(), lease=lease)
        store.append("acme", [Draft(kind="fact", key="a", at=START)], seen=0, noticed_at=START)
        with pytest.raises(ConflictError, match="has grown to 1 since it was read at 0"):
            store.journal.write(run, begun(StepName.UP), lease=lease, seen=0)
        assert not store.journal.runs()[0].changed
        assert store.journal.write(run, begun(StepName.UP), lease=lease, seen=1).changed

    def test_what_happened_is_recorded_also_where_the_clock_was_set_back(self, store: SqlStore) -> None:
        lease = taken(store)
        run = store.journal.open(run_plan(), lease=lease)
        later = START + 2 * HOUR
        store.append("acme", [Draft(kind="fact", key="a", at=later)], seen=0, noticed_at=later)
        store.journal.write(run, begun(), lease=lease, drafts=[STARTED])
        entry = store.entries("acme")[1]
        assert (entry.at, entry.noticed_at) == (START, later)

    def test_runs_and_their_events_are_never_changed(self, store: SqlStore) -> None:
        lease = taken(store)
        store.journal.write(store.journal.open(run_plan(), lease=lease), begun(), lease=lease)
        for statement in ("UPDATE runs SET plan = ''", "DELETE FROM run_events", "UPDATE run_events SET body = ''"):
            engine = store._transactions._engine
            with pytest.raises(Exception, match="never changed"), engine.begin() as connection:
                connection.exec_driver_sql(statement)

    def test_all_runs_in_short_say_what_was_brought_and_how_it_ended(self, store: SqlStore) -> None:
        lease = taken(store)
        old = store.journal.open(run_plan(planned_at=START - 9 * HOUR), lease=lease)
        store.journal.write(old, CLOSED, lease=lease)
        long_open = store.journal.open(run_plan(attempt=2, planned_at=START - 8 * HOUR), lease=lease)
        recent = store.journal.open(run_plan(attempt=3, before=NEW), lease=lease)
        store.journal.write(recent, CLOSED, lease=lease)
        found = store.journal.briefs({NEW}, since=START)
        assert [(run.id, run.closed, run.migrates) for run in found.runs] == [
            (long_open.plan.id, None, True),
            (recent.plan.id, CLOSED, False),
        ]
        assert {(run.installation, run.version) for run in found.runs} == {("acme", NEW)}
        assert len(store.journal.briefs({NEW}, since=START - 9 * HOUR).runs) == 3
        others = store.journal.briefs({OLD}, since=START - 9 * HOUR)
        assert [run.id for run in others.runs] == [long_open.plan.id], "what is under way counts, whatever it brings"
        assert others.position == found.position

    def test_runs_are_admitted_together_and_are_then_under_way(self, store: SqlStore) -> None:
        plans = [run_plan(installation=name) for name in ("acme", "bolt")]
        store.journal.admit(plans, seen=store.journal.briefs({NEW}, since=START).position)
        assert [run.plan for run in store.journal.unfinished()] == plans
        lease = taken(store)
        assert store.journal.write(store.journal.open(plans[0], lease=lease), begun(), lease=lease).events == 1

    def test_what_was_decided_before_a_run_was_opened_or_closed_is_not_begun(self, store: SqlStore) -> None:
        lease, before = taken(store), store.journal.briefs({NEW}, since=START).position
        run = store.journal.open(run_plan(), lease=lease)
        after = store.journal.briefs({NEW}, since=START).position
        store.journal.write(run, CLOSED, lease=lease)
        for seen in (before, after):
            with pytest.raises(ConflictError, match="opened or closed meanwhile"):
                store.journal.admit([run_plan(installation="bolt")], seen=seen)
        assert len(store.journal.runs()) == 1

    def test_an_installation_with_a_run_under_way_gets_no_second_one(self, store: SqlStore) -> None:
        store.journal.open(run_plan(), lease=taken(store))
        position = store.journal.briefs({NEW}, since=START).position
        with pytest.raises(ConflictError):
            store.journal.admit([run_plan(installation="bolt"), run_plan(attempt=2)], seen=position)
        assert len(store.journal.runs()) == 1

    def test_of_ten_that_admit_at_once_one_does(self, store: SqlStore) -> None:
        barrier = threading.Barrier(10)
        position = store.journal.briefs({NEW}, since=START).position
        refused: list[ConflictError] = []

        def admit(number: int) -> None:
            barrier.wait()
            try:
                store.journal.admit([run_plan(installation=f"i{number}")], seen=position)
            except ConflictError as problem:
                refused.append(problem)

        threads = [threading.Thread(target=admit, args=(number,)) for number in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(refused) == 9
        assert len(store.journal.unfinished()) == 1
