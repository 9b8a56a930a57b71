"""All installations of a fleet, at one instant: what is due, what is under way, what is wrong."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from kastellan.adapters.store.sql_store import SqlStore
from kastellan.cli.installation_view import View, read_plan, read_plans, read_view, this_instant
from kastellan.cli.run_view import planned_run, run_input
from kastellan.config.fleet_file import FLEET_FILE, read_fleet
from kastellan.config.stack import StackConfig
from kastellan.config.stack_file import find_project, stack_names
from kastellan.domain.errors import KastellanError
from kastellan.domain.fleet import Fleet, Place
from kastellan.domain.run import RunPlan, RunRecord
from kastellan.execution.fleet_run import MEMORY
from kastellan.planning.fleet_candidate import due_candidate, next_candidate
from kastellan.planning.fleet_plan import Candidate, FleetInput
from kastellan.planning.pending_update import installed_version
from kastellan.planning.run_planning import NotNow, plan_run
from kastellan.ports.progress import Progress


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
        ahead: whether to look for the next runs of those with nothing due as well.

    Raises:
        InvalidInputError: the fleet file is wrong, or there is no project.
    """
    fleet = fleet_of(find_project(Path.cwd()), named)
    plans, failures = read_plans((), belongs=fleet.has)
    names = [plan.stack for plan in plans]
    unfinished = tuple(run for run in store.journal.unfinished() if run.plan.installation in names)
    busy = {run.plan.installation for run in unfinished}
    due: dict[str, RunPlan] = {}
    not_now: dict[str, NotNow] = {}
    candidates: list[Candidate] = []
    installed = {}
    places: dict[str, Place] = {}
    now = plans[0].now if plans else this_instant()
    for number, plan in enumerate(plans, start=1):
        progress.report("looking", plan.stack, done=number, total=len(plans))
        places[plan.stack] = _place(plan.config, fleet.places.get(plan.stack))
        try:
            view = read_view(plan, store)
            if plan.stack in fleet.canary and (version := installed_version(view.history)):
                installed[plan.stack] = version
            if plan.stack in busy:
                continue
            found = plan_run(run_input(view, store.journal, again=again))
            if isinstance(found, RunPlan):
                due[plan.stack] = found
                candidates.append(due_candidate(found, fleet, at_once=again))
            else:
                not_now[plan.stack] = found
                candidates += _coming(view, store, fleet) if ahead and not found.due else ()
        except KastellanError as problem:
            failures[plan.stack] = problem
    return Survey(
        given=FleetInput(
            fleet=fleet,
            members=names,
            candidates=candidates,
            runs=store.journal.briefs(since=now - MEMORY).runs if candidates or busy else (),
            installed=installed,
            places=places,
            now=now,
            looked_at=now if again else None,
        ),
        plans=due,
        not_now=not_now,
        unfinished=unfinished,
        zones={plan.stack: plan.contract.zone for plan in plans},
        failures=failures,
    )


def replanned(store: SqlStore, installation: str, now: datetime, *, again: bool) -> RunPlan | NotNow:
    """The run of one installation, planned anew from everything as it is now."""
    return planned_run(read_view(read_plan(installation, now), store), store.journal, again=again)


def _coming(view: View, store: SqlStore, fleet: Fleet) -> Iterator[Candidate]:
    found = next_candidate(run_input(view, store.journal), fleet)
    if found is not None:
        yield found


def _place(config: StackConfig, said: Place | None) -> Place:
    if said is not None:
        return said
    return Place(account=config.google.project, region=config.google.region) if config.google else Place()
