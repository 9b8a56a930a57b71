"""A PostgreSQL that takes connections and is then silent, in the middle of something: nothing waits for it for ever."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from kastellan.adapters.postgres import logical_dump
from kastellan.adapters.postgres.bounded_connection import BoundedConnection
from kastellan.adapters.postgres.session import refusal, session_with
from kastellan.adapters.store import opening
from kastellan.adapters.store.opening import open_store
from kastellan.domain.errors import DeadlineExceededError, UnreachableError
from kastellan.domain.history import Verdict
from kastellan.preflight.facts import Unknown
from tests.contracts.restore_points import NOW
from tests.lab.conftest import Database
from tests.lab.test_restore_points import PostgresWorld, access
from tests.running import Scene
from tests.runs import START
from tests.silent_proxy import SilentProxy


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BoundedConnection, "answer_seconds", 1.0)


@pytest.fixture
def proxy(database: Database) -> Iterator[SilentProxy]:
    with SilentProxy(database.server.host, database.server.port) as between:
        yield between


def through(proxy: SilentProxy, database: Database) -> str:
    return database.url.replace(f":{database.server.port}/", f":{proxy.port}/")


class TestStore:
    def test_what_gets_no_answer_is_given_up_and_may_be_asked_again(
        self, proxy: SilentProxy, database: Database
    ) -> None:
        with open_store(through(proxy, database)) as store:
            lease = store.leases.take("acme", "one", seen=None, now=START)
            assert lease is not None
            proxy.be_silent()
            with pytest.raises(UnreachableError, match="gave no answer in time"):
                store.leases.renew(lease)
            proxy.speak()
            store.leases.renew(lease)
            proxy.cut()
            with pytest.raises(UnreachableError, match="cannot be reached"):
                store.leases.renew(lease)
            store.leases.renew(lease)

    def test_one_that_does_not_even_greet_is_given_up(
        self, proxy: SilentProxy, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(opening, "LOCK_SECONDS", 2)
        proxy.be_silent()
        with pytest.raises(UnreachableError), open_store(through(proxy, database)):
            pass

    def test_a_worker_that_freezes_in_a_transaction_locks_nobody_out_for_long(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(opening, "_IDLE_SECONDS", 1)
        with open_store(database.url) as frozen, open_store(database.url) as heir:
            lease = frozen.leases.take("acme", "one", seen=None, now=START)
            assert lease is not None
            with (
                pytest.raises(UnreachableError),
                frozen._transactions.writing("freezing") as connection,
            ):
                connection.exec_driver_sql("UPDATE leases SET beats = beats + 1")
                taken = heir.leases.take("acme", "two", seen=heir.leases.look("acme"), now=START)
                assert taken is not None, "waits for the lock, and gets it when the server ends the transaction"
                connection.exec_driver_sql("UPDATE leases SET beats = beats + 1")

    @pytest.mark.parametrize("outage", ["silent", "cut"])
    def test_a_run_outlives_an_outage_of_its_store(self, outage: str, proxy: SilentProxy, database: Database) -> None:
        with open_store(through(proxy, database)) as store:
            scene = Scene(store)
            inner, pause = scene.provisioner.up, scene.clock.sleep

            def up(*arguments: object, **named: object) -> object:
                brought = inner(*arguments, **named)
                if outage == "silent":
                    proxy.be_silent()
                else:
                    proxy.cut()
                return brought

            def sleep(seconds: float) -> None:
                pause(seconds)
                proxy.speak()

            scene.provisioner.up, scene.clock.sleep = up, sleep
            run = scene.run()
            assert run.closed is not None
            assert run.closed.verdict is Verdict.PASSED
            assert [step.name for step in run.steps if len(step.attempts) != 1] == []
            told = [line for line in scene.progress.lines if line.startswith("store: ")]
            assert [line.endswith("; trying again") for line in told] == [True]


class TestInstallationsOwn:
    def test_a_preflight_gets_no_answer(self, proxy: SilentProxy, database: Database) -> None:
        there = replace(access(database), port=proxy.port)
        with pytest.raises(psycopg.OperationalError) as problem, session_with(there) as session:
            session.answer_seconds = 1.0
            proxy.be_silent()
            session.execute("SELECT 1")
        found = refusal(problem.value, there)
        assert isinstance(found, Unknown)
        assert "gave no answer (no answer within 1 s)" in found.reason.message

    def test_a_dump_that_comes_to_a_halt_is_ended_with_its_budget_and_leaves_nothing_half_made(
        self, proxy: SilentProxy, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(logical_dump, "_CANCEL_SECONDS", 0.5)
        world = PostgresWorld(database, tmp_path)
        points = world.with_access(replace(access(database), port=proxy.port))
        monkeypatch.setattr(world.progress, "report", lambda *_, **__: proxy.be_silent())
        with pytest.raises((DeadlineExceededError, UnreachableError)):
            points.make("run-1", NOW, budget_seconds=3.0)
        assert [path.name for path in world.folder.iterdir() if path.suffix in (".dump", ".json")] == []
        proxy.speak()
        monkeypatch.undo()
        assert points.check(points.make("run-1", NOW)) == ()
