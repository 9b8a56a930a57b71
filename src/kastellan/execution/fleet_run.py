"""Maintains many installations: decides who begins, opens their runs in the journal, has workers carry them out.

Nothing is kept but in the journal. A run that was opened is under way for everybody who shares the store; whoever is
killed here leaves runs that the next call goes on with, and workers that end theirs alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kastellan.domain.errors import ConflictError
from kastellan.domain.run import RunPlan, RunRecord
from kastellan.planning.fleet_plan import FleetInput, Held, next_starts
from kastellan.planning.run_planning import NotNow
from kastellan.ports.clock import Clock
from kastellan.ports.progress import Progress
from kastellan.ports.run_journal import RunJournal
from kastellan.ports.run_workers import RunWorkers, WorkerEnded

MEMORY = timedelta(days=400)
"""So far back the journal is read: no rollout of a release lasts for longer."""
_LOOKS = 20
"""How often it decides again when others opened or closed runs meanwhile; the next end of a worker brings more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetPorts:
    """What a fleet needs from the outside.

    Attributes:
        journal: the runs of all installations.
        workers: carry out runs.
        replan: plans the run of one installation anew, from everything as it is at an instant.
        clock: time.
        progress: told what begins and ends.
    """

    journal: RunJournal
    workers: RunWorkers
    replan: Callable[[str, datetime], RunPlan | NotNow]
    clock: Clock
    progress: Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetOutcome:
    """What one call came to.

    Attributes:
        begun: ids of the runs that it went on with or began, in order.
        ended: how their workers ended, by the run's id.
        held: who did not begin, as of the last decision.
        not_now: whose run could not be planned any more when its turn came.
    """

    begun: tuple[str, ...]
    ended: Mapping[str, WorkerEnded]
    held: tuple[Held, ...]
    not_now: Mapping[str, NotNow]


def carry_out_fleet(given: FleetInput, unfinished: Sequence[RunRecord], ports: FleetPorts) -> FleetOutcome:
    """Go on with unfinished runs, begin what may begin, and again whenever a run ends, until nothing may any more.

    Args:
        given: what is due, as it was found; runs and instant are read anew for every decision.
        unfinished: runs of the fleet that somebody has to go on with.
        ports: the outside.

    Raises:
        KeyboardInterrupt: it was interrupted; all workers have ended in order.
    """
    call = _Call(given, ports)
    try:
        return call.carry_out(unfinished)
    except KeyboardInterrupt:
        call.end()
        raise


class _Call:
    def __init__(self, given: FleetInput, ports: FleetPorts) -> None:
        self._given = given
        self._ports = ports
        self._begun: dict[str, str] = {}
        """Installation → run."""
        self._ended: dict[str, WorkerEnded] = {}
        self._held: tuple[Held, ...] = ()
        self._not_now: dict[str, NotNow] = {}

    def carry_out(self, unfinished: Sequence[RunRecord]) -> FleetOutcome:
        for run in unfinished:
            self._start(run.plan)
        self._begin()
        while self._ports.workers.running():
            ended = self._ports.workers.wait()
            if ended:
                self._ended |= {one.run_id: one for one in ended}
                self._begin()
        return FleetOutcome(
            begun=tuple(self._begun.values()), ended=self._ended, held=self._held, not_now=self._not_now
        )

    def end(self) -> None:
        """Have every worker end in order; who is impatient passes more signals on."""
        workers = self._ports.workers
        workers.interrupt()
        self._ports.progress.report("interrupted", f"{workers.running()} runs end in order; the next call goes on")
        while workers.running():
            try:
                workers.wait()
            except KeyboardInterrupt:
                workers.interrupt()

    def _begin(self) -> None:
        """Decide and open runs, until a decision stands."""
        for _ in range(_LOOKS):
            now = self._ports.clock.now().replace(microsecond=0)
            left = [one for one in self._given.candidates if self._is_left(one.installation)]
            briefs = self._ports.journal.briefs({one.version for one in left}, since=now - MEMORY)
            decided = next_starts(replace(self._given, candidates=left, runs=briefs.runs, now=now))
            self._held = decided.held
            plans = [self._replanned(one.installation, now) for one in decided.starts]
            ready = [plan for plan in plans if plan is not None]
            if len(ready) < len(plans):
                continue  # somebody else takes the place
            if not ready:
                return
            try:
                self._ports.journal.admit(ready, seen=briefs.position)
            except ConflictError:
                continue
            for plan in ready:
                self._start(plan)

    def _is_left(self, installation: str) -> bool:
        return installation not in self._begun and installation not in self._not_now

    def _replanned(self, installation: str, now: datetime) -> RunPlan | None:
        found = self._ports.replan(installation, now)
        if isinstance(found, NotNow):
            self._not_now[installation] = found
            return None
        return found

    def _start(self, plan: RunPlan) -> None:
        self._begun[plan.installation] = plan.id
        self._ports.progress.report(plan.installation, f"begins: {plan.before} → {plan.version}")
        self._ports.workers.start(plan.installation, plan.id)
