"""Carrying a fleet out: what is interrupted, or overtaken by others, begins nothing twice."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from kastellan.adapters.store.opening import open_store
from kastellan.adapters.store.sql_store import SqlStore
from kastellan.domain.fleet import Fleet
from kastellan.domain.run import RunPlan
from kastellan.execution.fleet_run import FleetPorts, carry_out_fleet
from kastellan.planning.fleet_candidate import due_candidate
from kastellan.planning.fleet_plan import FleetInput
from kastellan.planning.run_planning import NotNow
from kastellan.ports.run_workers import WorkerEnded
from tests.contracts.fleet import ClosingWorkers
from tests.fakes.clock import FakeClock
from tests.fakes.progress import FakeProgress
from tests.running import KilledError, Killing, Points
from tests.runs import REASON, START, run_plan

NAMES = ("acme", "bolt", "cold")


class Workers:
    """Ends what it started in order; `interrupts` waits are interrupted first."""

    def __init__(self, interrupts: int = 0) -> None:
        self.started: list[str] = []
        self.waiting: list[str] = []
        self.interrupted = 0
        self._interrupts = interrupts

    def start(self, installation: str, run_id: str) -> None:
        self.started.append(installation)
        self.waiting.append(run_id)

    def wait(self) -> tuple[WorkerEnded, ...]:
        if self._interrupts:
            self._interrupts -= 1
            raise KeyboardInterrupt
        return (WorkerEnded(run_id=self.waiting.pop(0), code=0, problem=""),)

    def running(self) -> int:
        return len(self.waiting)

    def interrupt(self) -> None:
        self.interrupted += 1


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with open_store(f"sqlite:///{tmp_path / 'store.sqlite'}") as opened:
        yield opened


def given(fleet: Fleet) -> FleetInput:
    candidates = [due_candidate(run_plan(installation=name), fleet, at_once=True) for name in NAMES]
    return FleetInput(
        fleet=fleet, members=NAMES, candidates=candidates, runs=(), installed={}, places={}, now=START
    )  # fmt: skip


def ports(store: SqlStore, workers: Workers, **not_now: NotNow) -> FleetPorts:
    def replan(name: str, now: datetime) -> RunPlan | NotNow:
        return not_now.get(name) or run_plan(installation=name, planned_at=now)

    return FleetPorts(
        journal=store.journal, workers=workers, replan=replan, clock=FakeClock(START), progress=FakeProgress()
    )  # fmt: skip


def test_an_interrupt_is_passed_on_and_waited_for_and_the_next_call_goes_on_with_what_was_opened(
    store: SqlStore,
) -> None:
    workers = Workers(interrupts=2)
    with pytest.raises(KeyboardInterrupt):
        carry_out_fleet(given(Fleet(at_once=2)), (), ports(store, workers))
    assert workers.interrupted == 2, "who is impatient is passed on as well"
    assert workers.running() == 0
    assert workers.started == ["acme", "bolt"]
    unfinished = store.journal.unfinished()
    again = Workers()
    outcome = carry_out_fleet(given(Fleet(at_once=2)), unfinished, ports(store, again))
    assert again.started == ["acme", "bolt"], "both are still open, so there is no room for a third one"
    assert [one.candidate.installation for one in outcome.held] == ["cold"]
    assert len(store.journal.runs()) == 2


def test_whoever_may_not_run_any_more_when_its_turn_comes_leaves_its_place_to_the_next(store: SqlStore) -> None:
    workers = Workers()
    refused = NotNow(due=True, reasons=(REASON,))
    outcome = carry_out_fleet(given(Fleet()), (), ports(store, workers, acme=refused))
    assert workers.started == ["bolt"]
    assert outcome.not_now == {"acme": refused}
    assert [run.plan.installation for run in store.journal.runs()] == ["bolt"]


def test_killed_at_any_call_of_any_port_the_next_call_goes_on_and_does_nothing_twice(tmp_path: Path) -> None:
    fleet = Fleet(at_once=2, canary=("bolt",))
    asked: list[str] = []

    def maintain(store: SqlStore, points: Points, seen: list[int]) -> None:
        def replan(name: str, now: datetime) -> RunPlan:
            asked.append(name)
            return run_plan(installation=name, planned_at=now)

        workers = ClosingWorkers(store, "host/1", seen)
        found = FleetPorts(
            journal=Killing(store.journal, points),
            workers=Killing(workers, points),
            replan=replan,
            clock=FakeClock(START),
            progress=FakeProgress(),
        )
        done = {run.plan.installation for run in store.journal.runs() if run.closed}
        left = [one for one in given(fleet).candidates if one.installation not in done]
        carry_out_fleet(replace(given(fleet), candidates=left), store.journal.unfinished(), found)

    with open_store(f"sqlite:///{tmp_path / 'whole.sqlite'}") as store:
        whole = Points()
        maintain(store, whole, [])
        assert len(store.journal.runs()) == len(NAMES)
    assert whole.passed > 20
    for point in range(1, whole.passed + 1):
        with open_store(f"sqlite:///{tmp_path / f'{point}.sqlite'}") as store:
            seen: list[int] = []
            asked.clear()
            with suppress(KilledError):
                maintain(store, Points(last=point), seen)
            maintain(store, Points(), seen)
            runs = store.journal.runs()
            where = f"killed at point {point}"
            assert sorted(run.plan.installation for run in runs) == sorted(NAMES), where
            assert store.journal.unfinished() == (), where
            assert max(seen) <= 2, where
            assert asked[0] == "bolt", "the canary comes first"
