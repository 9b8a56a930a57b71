"""Runs of an installation of the tests over fakes and a real store, also killed at a numbered point.

A kill is an exception that no code catches, after which no port does anything: as if the process were gone. Every call
of a port has a point before it and one after it.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from kastellan.adapters.store.opening import open_store
from kastellan.adapters.store.sql_store import SqlStore
from kastellan.domain.configured_release import ConfiguredRelease
from kastellan.domain.contract import Contract, digest
from kastellan.domain.history import Fact, RunEnded, RunStarted, Verdict
from kastellan.domain.history_record import draft
from kastellan.domain.ledger import first_flaw
from kastellan.domain.run import RunPlan, RunRecord
from kastellan.domain.service_sample import Seen
from kastellan.domain.version import Version
from kastellan.execution.maintenance_run import carry_out
from kastellan.execution.run_ports import RunPorts, Situation
from kastellan.execution.tick import read_ledger
from kastellan.planning.service_verdict import ServiceLimits
from kastellan.preflight.circumstances import Circumstances, Tool
from kastellan.preflight.gate import Gate
from kastellan.preflight.report import Report
from tests.fakes.clock import FakeClock
from tests.fakes.progress import FakeProgress
from tests.fakes.provisioner import FakeProvisioner
from tests.fakes.restore_points import FakeRestorePoints
from tests.fakes.service_probe import FakeProbe
from tests.fakes.worker import FakeWorker
from tests.histories import CATALOGUE, CONTRACT, NEW, OLD, enrolled, offered
from tests.runs import START, run_plan

WINDOW = "2026-12-08T22:00"
HISTORY: tuple[Fact, ...] = (enrolled("2026-11-01"), *offered(WINDOW))


class KilledError(BaseException):
    """The process is gone."""


@dataclass
class Points:
    """Counts the points that ports come to; at `last` the process is killed. Never, where that is 0."""

    last: int = 0
    passed: int = 0
    dead: bool = False

    def come(self) -> None:
        if self.dead:
            raise KilledError
        self.passed += 1
        if self.passed == self.last:
            self.dead = True
            raise KilledError


class Killing:
    """A port whose process may be killed at every call."""

    def __init__(self, inner: Any, points: Points) -> None:
        self._inner, self._points = inner, points

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found):
            return found

        def call(*arguments: Any, **named: Any) -> Any:
            self._points.come()
            result = found(*arguments, **named)
            self._points.come()
            return result

        return call


def report() -> Report:
    """A platform without any check, which all pass."""
    circumstances = Circumstances(target="acme", gate=Gate.MAINTENANCE, started=START, collected=START)
    return Report(circumstances=circumstances, tool=Tool(version="0", sha256=""), judged=START, expected=0, findings=())


@dataclass
class Scene:
    """One installation, its outside, and how often its database was migrated.

    Attributes:
        store: real.
        contract: as it is written now.
        answers: what the installation answers at a version; GOOD where nothing is said.
        wrap: put around every port.
    """

    store: SqlStore
    contract: Contract = CONTRACT
    clock: FakeClock = field(default_factory=lambda: FakeClock(START))
    progress: FakeProgress = field(default_factory=FakeProgress)
    restore_points: FakeRestorePoints = field(default_factory=FakeRestorePoints)
    answers: dict[Version, Seen] = field(default_factory=dict)
    validate: Callable[[], Report] = report
    announced: int = 0

    def __post_init__(self) -> None:
        old = ConfiguredRelease(version=OLD)
        self.provisioner = FakeProvisioner(self.clock, configured={"acme": old}, brought={"acme": old})
        self.record(*HISTORY)

    def record(self, *facts: Fact) -> None:
        seen = len(self.store.entries("acme"))
        now = max(self.clock.now(), START)
        self.store.append("acme", [draft(fact) for fact in facts], seen=seen, noticed_at=now)

    def ports(self, *, worker: str = "host/1", wrap: Callable[[Any], Any] = lambda port: port) -> RunPorts:
        dead = {f"host/{number}" for number in range(1, 1000)} - {worker}

        def probe(version: Version) -> Any:
            return wrap(FakeProbe(self.clock, self.answers.get(version, Seen.GOOD)))

        def announce() -> None:
            self.announced += 1

        return RunPorts(
            journal=wrap(self.store.journal),
            leases=wrap(self.store.leases),
            provisioner=wrap(self.provisioner),
            restore_points=wrap(self.restore_points),
            probe=probe,
            preflight=wrap(_Callable(lambda: self.validate())).call,
            look=wrap(_Callable(self.look)).call,
            announce=wrap(_Callable(announce)).call,
            limits=ServiceLimits(soak=timedelta(seconds=20)),
            clock=self.clock,
            progress=self.progress,
            worker=FakeWorker(worker, dead=dead),
        )

    def look(self) -> Situation:
        return Situation(contract=self.contract, catalogue=CATALOGUE, ledger=read_ledger(self.store, "acme"))

    def plan(self, **overrides: Any) -> RunPlan:
        return run_plan(**({"contract_digest": digest(self.contract), "policy": self.contract.runs} | overrides))

    def run(self, plan: RunPlan | None = None, **named: Any) -> RunRecord:
        return carry_out(plan or self.plan(), self.ports(**named))

    def with_policy(self, **policy: Any) -> None:
        self.contract = replace(self.contract, runs=replace(self.contract.runs, **policy))


@dataclass
class _Callable:
    function: Callable[[], Any]

    def call(self) -> Any:
        return self.function()


@cache
def _empty() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.sqlite"
        with open_store(f"sqlite:///{path}"):
            pass
        return path.read_bytes()


@contextmanager
def fresh_store(path: Path) -> Iterator[SqlStore]:
    """An empty store in a file; a copy of one, because making its tables takes as long as half a run."""
    path.write_bytes(_empty())
    with open_store(f"sqlite:///{path}") as store:
        yield store


def points_of(folder: Path, answers: Seen) -> int:
    """How many points a run comes to that nobody kills."""
    with fresh_store(folder / "whole.sqlite") as store:
        scene, points = Scene(store), Points()
        scene.answers[NEW] = answers
        scene.run(wrap=lambda port: Killing(port, points))
        return points.passed


def kill_and_finish(folder: Path, answers: Seen, verdict: Verdict, *, point: int) -> None:
    """Kill a run at a point, let the next call finish it, and look that nothing happened twice."""
    with fresh_store(folder / f"{point}.sqlite") as store:
        scene, points = Scene(store), Points(last=point)
        scene.answers[NEW] = answers
        with suppress(KilledError):
            scene.run(wrap=lambda port: Killing(port, points))
        assert points.dead
        run = scene.run(worker="host/2")
        where = f"killed at point {point}"
        assert run.closed is not None, where
        assert run.closed.verdict is verdict, where
        assert store.journal.unfinished() == (), where
        history = scene.look().ledger.history
        assert len(list(history.of(RunStarted))) == 1, where
        assert [fact.verdict for fact in history.of(RunEnded)] == [verdict], where
        assert first_flaw(store.entries("acme")) is None, where
        assert list(scene.restore_points.points) == [run.plan.id], where
        assert scene.provisioner.brought["acme"].version == (NEW if verdict is Verdict.PASSED else OLD), where
