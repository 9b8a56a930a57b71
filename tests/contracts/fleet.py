"""What holds of a fleet however many maintain it at once, with SQLite and PostgreSQL.

A subclass gives the fixture `url` of an empty database.
"""

import threading
from datetime import datetime

from kastellan.adapters.store.opening import open_store
from kastellan.adapters.store.sql_store import SqlStore
from kastellan.domain.fleet import Fleet
from kastellan.domain.history import Verdict
from kastellan.domain.party import Party
from kastellan.domain.run import RunClosed, RunPlan
from kastellan.execution.fleet_run import FleetPorts, carry_out_fleet
from kastellan.planning.fleet_candidate import due_candidate
from kastellan.planning.fleet_plan import FleetInput
from kastellan.ports.run_workers import WorkerEnded
from tests.fakes.clock import FakeClock
from tests.fakes.progress import FakeProgress
from tests.histories import NEW
from tests.runs import START, run_plan

MEMBERS = tuple(f"i{number:02}" for number in range(12))
AT_ONCE = 3


class ClosingWorkers:
    """Ends a run that nobody else is at, under its lease."""

    def __init__(self, store: SqlStore, name: str, seen: list[int]) -> None:
        self._store, self._name, self._seen = store, name, seen
        self._waiting: list[tuple[str, str]] = []

    def start(self, installation: str, run_id: str) -> None:
        self._seen.append(len(self._store.journal.unfinished()))
        self._waiting.append((installation, run_id))

    def wait(self) -> tuple[WorkerEnded, ...]:
        installation, run_id = self._waiting.pop(0)
        leases, journal = self._store.leases, self._store.journal
        state = leases.look(installation)
        lease = None if state and state.holder else leases.take(installation, self._name, seen=state, now=START)
        run = journal.read(run_id)
        if lease and run and not run.closed:
            passed = RunClosed(at=START, verdict=Verdict.PASSED, attribution=Party.VENDOR, version=NEW, reason="")
            journal.write(run, passed, lease=lease)
        if lease:
            leases.release(lease)
        return (WorkerEnded(run_id=run_id, code=0, problem=""),)

    def running(self) -> int:
        return len(self._waiting)

    def interrupt(self) -> None:
        self._waiting.clear()


class FleetContract:
    def test_three_that_maintain_a_fleet_at_once_keep_its_limit_and_do_nothing_twice(self, url: str) -> None:
        fleet = Fleet(at_once=AT_ONCE)
        candidates = [due_candidate(run_plan(installation=name), fleet, at_once=True) for name in MEMBERS]
        given = FleetInput(
            fleet=fleet, members=MEMBERS, candidates=candidates, runs=(), installed={}, places={}, now=START
        )
        seen: list[int] = []
        problems: list[BaseException] = []
        barrier = threading.Barrier(3)

        def replan(name: str, now: datetime) -> RunPlan:
            return run_plan(installation=name, planned_at=now)

        def maintain(number: int) -> None:
            try:
                with open_store(url) as store:
                    ports = FleetPorts(
                        journal=store.journal, workers=ClosingWorkers(store, f"host/{number}", seen), replan=replan,
                        clock=FakeClock(START), progress=FakeProgress(),
                    )  # fmt: skip
                    barrier.wait()
                    carry_out_fleet(given, store.journal.unfinished(), ports)
            except BaseException as problem:
                problems.append(problem)

        threads = [threading.Thread(target=maintain, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert problems == []
        assert max(seen) <= AT_ONCE
        with open_store(url) as store:
            maintain_again = FleetPorts(
                journal=store.journal, workers=ClosingWorkers(store, "host/9", seen), replan=replan,
                clock=FakeClock(START), progress=FakeProgress(),
            )  # fmt: skip
            carry_out_fleet(given, store.journal.unfinished(), maintain_again)
            runs = store.journal.runs(limit=100)
            assert sorted(run.plan.installation for run in runs) == list(MEMBERS), "each once"
            assert store.journal.unfinished() == ()
