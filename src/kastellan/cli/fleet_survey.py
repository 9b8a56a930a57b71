"""All installations of a fleet, at one instant: what is due, what is under way, what is wrong."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kastellan.adapters.store.sql_store import SqlStore
from kastellan.cli.installation_view import plan_where_contract, read_plan, read_view, this_instant
from kastellan.cli.quiet_fleet import QuietFleet
from kastellan.cli.run_view import planned_run, run_input
from kastellan.config.fleet_file import FLEET_FILE, read_fleet
from kastellan.config.stack import StackConfig
from kastellan.config.stack_file import find_project, stack_names
from kastellan.domain.errors import KastellanError
from kastellan.domain.fleet import Fleet, Place
from kastellan.domain.run import RunPlan, RunRecord
from kastellan.execution.fleet_run import MEMORY
from kastellan.planning.fleet_candidate import due_candidate, next_candidate
from kastellan.planning.fleet_plan import Candidate, FleetInput, Held, next_starts
from kastellan.planning.pending_update import installed_version
from kastellan.planning.run_planning import NotNow, plan_run
from kastellan.ports.progress import Progress

if TYPE_CHECKING:
    from kastellan.domain.version import Version


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What was found.

    Attributes:
        given: for the decision, without runs.
        plans: runs that may begin now, by installation.
        not_now: why none may, by installation.
        unfinished: runs that somebody has to go on with, oldest first.
        zones: of the contracts, by installation.
        failures: what is wrong with an installation, which holds up no other.
    """

    given: FleetInput
    plans: dict[str, RunPlan] = field(default_factory=dict)
    not_now: dict[str, NotNow] = field(default_factory=dict)
    unfinished: tuple[RunRecord, ...] = ()
    zones: dict[str, str]
    failures: dict[str, KastellanError]


def fleet_of(project: Path, named: Path | None) -> Fleet:
    """The rules of a fleet: of a file that is named, of the project's own, or the default.

    Raises:
        InvalidInputError: the file is wrong.
    """
    path = named or project / FLEET_FILE
    if named is None and not path.is_file():
        return Fleet()
    return read_fleet(path, stacks=stack_names(project))


def survey(store: SqlStore, named: Path | None, progress: Progress, *, again: bool, ahead: bool) -> Survey:
    """Look at every installation of the fleet.

    Args:
        store: where ledgers and runs are.
        named: the fleet file; None for the project's own.
        progress: told which installation is looked at.
        again: whether a person wants to run again what failed or was blocked in this window.
        ahead: whether to look for the next runs of those with nothing due as well; nothing is written then.

    Raises:
        InvalidInputError: the fleet file is wrong, or there is no project.
    """
    project, now = find_project(Path.cwd()), this_instant()
    fleet = fleet_of(project, named)
    looking = _Looking(store, fleet, project, now, again=again, ahead=ahead)
    names = [name for name in stack_names(project) if fleet.has(name)]
    for number, name in enumerate(names, start=1):
        progress.report("looking", name, done=number, total=len(names))
        try:
            looking.look(name)
        except KastellanError as problem:
            looking.failures[name] = problem
    return looking.survey()


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetSays:
    """What the rules of a fleet say to one installation whose run may begin by itself.

    Attributes:
        member: whether it belongs to the fleet; `maintain --due` leaves out what does not.
        held: why `maintain --due` does not begin it now; None where it does.
    """

    member: bool
    held: Held | None = None


def fleet_says(store: SqlStore, stack: str, progress: Progress, *, again: bool) -> FleetSays:
    """Ask the fleet about one of its installations, as `maintain --due` would decide now.

    Raises:
        InvalidInputError: the fleet file is wrong, or there is no project.
    """
    project = find_project(Path.cwd())
    if not fleet_of(project, None).has(stack):
        return FleetSays(member=False)
    decided = next_starts(survey(store, None, progress, again=again, ahead=False).given)
    return FleetSays(member=True, held=next((one for one in decided.held if one.candidate.installation == stack), None))


class _Looking:
    def __init__(
        self, store: SqlStore, fleet: Fleet, project: Path, now: datetime, *, again: bool, ahead: bool
    ) -> None:
        self._store = store
        self._fleet = fleet
        self._project = project
        self._now = now
        self._again = again
        self._ahead = ahead
        self._quiet = QuietFleet(store, project, now)
        self._unfinished = store.journal.unfinished()
        self._busy = {run.plan.installation for run in self._unfinished}
        self._plans: dict[str, RunPlan] = {}
        self._not_now: dict[str, NotNow] = {}
        self._candidates: list[Candidate] = []
        self._installed: dict[str, Version] = {}
        self._places: dict[str, Place] = {}
        self._zones: dict[str, str] = {}
        self.failures: dict[str, KastellanError] = {}

    def look(self, name: str) -> None:
        """Look at one installation."""
        fleet, quiet = self._fleet, not (self._ahead or name in self._busy or name in self._fleet.canary)
        known = self._quiet.answer(name) if quiet else None
        if known is not None:
            self._not_now[name], self._zones[name] = known
            return
        plan = plan_where_contract(name, self._project, self._now)
        if plan is None:
            return
        self._zones[name] = plan.contract.zone
        self._places[name] = fleet_place(plan.config, fleet.places.get(name))
        view = read_view(plan, self._store)
        if name in fleet.canary and (version := installed_version(view.history)):
            self._installed[name] = version
        if name in self._busy:
            return
        given = run_input(view, self._store.journal, again=self._again)
        found = plan_run(given)
        if isinstance(found, RunPlan):
            self._plans[name] = found
            self._candidates.append(due_candidate(found, fleet, at_once=self._again))
            return
        self._not_now[name] = found
        if quiet:
            self._quiet.learn(view, found)
        coming = next_candidate(given, fleet) if self._ahead and not found.due else None
        self._candidates += [coming] if coming else ()

    def survey(self) -> Survey:
        """What was found, once all were looked at."""
        if not self._ahead:
            self._quiet.keep()
        versions = {one.version for one in self._candidates} | {run.plan.version for run in self._unfinished}
        return Survey(
            given=FleetInput(
                fleet=self._fleet,
                members=sorted(self._zones.keys() | self.failures.keys()),
                candidates=self._candidates,
                runs=self._store.journal.briefs(versions, since=self._now - MEMORY).runs if versions else (),
                installed=self._installed,
                places=self._places,
                now=self._now,
                looked_at=self._now if self._again else None,
            ),
            plans=self._plans,
            not_now=self._not_now,
            unfinished=tuple(run for run in self._unfinished if run.plan.installation in self._zones),
            zones=self._zones,
            failures=self.failures,
        )


def replanned(store: SqlStore, installation: str, now: datetime, *, again: bool) -> RunPlan | NotNow:
    """The run of one installation, planned anew from everything as it is now."""
    return planned_run(read_view(read_plan(installation, now), store), store.journal, again=again)


def fleet_place(config: StackConfig, said: Place | None) -> Place:
    """Where an installation runs: what the fleet file says, and where it is silent, what the stack's own file says.

    Of a customer's own cluster the stack's file does not say it.
    """
    own = Place()
    if config.google is not None:
        own = Place(account=config.google.project, region=config.google.region)
    elif config.aws is not None:
        own = Place(account=config.aws.account, region=config.aws.region)
    said = said or Place()
    return Place(account=said.account or own.account, region=said.region or own.region)
