"""`kastellan maintain --due`: puts the fleet's parts together, and makes results of what they came to."""

import json
import os
import sys
from pathlib import Path

from kastellan.adapters.run_processes import RunProcesses
from kastellan.adapters.store.sql_store import SqlStore
from kastellan.adapters.system_clock import SystemClock
from kastellan.cli.fleet_survey import Survey, replanned, survey
from kastellan.cli.maintenance_results import Result, Results
from kastellan.cli.progress import ConsoleProgress
from kastellan.cli.run_progress import EventProgress
from kastellan.domain.errors import KastellanError, PermanentError
from kastellan.domain.run import RunRecord
from kastellan.execution.fleet_run import FleetOutcome, FleetPorts, carry_out_fleet
from kastellan.planning.fleet_forecast import forecast
from kastellan.ports.run_workers import RunWorkers

_MAIN = "from kastellan.cli.main import main; main()"


class FleetCommand:
    """One call of the command.

    Args:
        store: where ledgers and runs are.
        store_url: of the store, for the workers.
        programs: folder of `pg_dump` and `pg_restore`; empty for PATH.
        again: whether a person wants to run again what failed or was blocked in this window.
        events: whether to write progress as JSON.
    """

    def __init__(self, store: SqlStore, store_url: str, *, programs: str, again: bool, events: bool) -> None:
        self._store = store
        self._store_url = store_url
        self._programs = programs
        self._again = again
        self._events = events

    def forecast(self, named: Path | None) -> Results:
        """What would run now, and what comes after it; nothing is changed."""
        with ConsoleProgress() as console:
            progress = EventProgress() if self._events else console
            found = survey(self._store, named, progress, again=self._again, ahead=True)
        return Results(
            installations=tuple(_waiting(found)),
            forecast=forecast(found.given),
            zones=found.zones,
            failures=found.failures,
        )

    def carry_out(self, named: Path | None) -> Results:
        """Maintain what is due and may begin."""
        with ConsoleProgress() as console:
            progress = EventProgress() if self._events else console
            found = survey(self._store, named, progress, again=self._again, ahead=False)
            if not found.given.candidates and not found.unfinished:
                return Results(installations=tuple(_waiting(found)), zones=found.zones, failures=found.failures)
            ports = FleetPorts(
                journal=self._store.journal,
                workers=self._workers(console),
                replan=lambda name, now: replanned(self._store, name, now, again=self._again),
                clock=SystemClock(),
                progress=progress,
            )
            outcome = carry_out_fleet(found.given, found.unfinished, ports)
        return self._results(found, outcome)

    def _workers(self, console: ConsoleProgress) -> RunWorkers:
        environment = {**os.environ, "KASTELLAN_STORE": self._store_url}
        programs = ["--programs", self._programs] if self._programs else []

        def command(installation: str, run_id: str) -> list[str]:
            arguments = ["maintain", installation, "--run", run_id, "--events", *programs]
            return [sys.executable, "-c", _MAIN, *arguments]

        def on_line(installation: str, line: str) -> bool:
            try:
                event = json.loads(line)
            except ValueError:
                return False
            if self._events:
                sys.stderr.write(line + "\n")
                sys.stderr.flush()
            else:
                timed = f" {event['elapsedSeconds']}/{event['expectedSeconds']} s" if event["expectedSeconds"] else ""
                console.report(f"{installation}: {event['step']}{timed}", event["text"])
            return True

        return RunProcesses(command, environment=environment, on_line=on_line)

    def _results(self, found: Survey, outcome: FleetOutcome) -> Results:
        done, failures = [], dict(found.failures)
        for run_id in outcome.begun:
            run = self._store.journal.read(run_id)
            if run is None:
                continue
            name, ended = run.plan.installation, outcome.ended.get(run_id)
            if run.closed is None and ended and ended.code not in (0, 5):
                failures[name] = _broken(run, ended.code, ended.problem)
            problem = "" if run.closed else f"{run_id} goes on elsewhere, or with the next call"
            closed = run if run.closed else None
            done.append(
                Result(installation=name, zone=found.zones[name], found=run.plan, run=closed, elsewhere=problem)
            )
        done += [Result(installation=name, zone=found.zones[name], found=why) for name, why in outcome.not_now.items()]
        return Results(installations=(*done, *_waiting(found)), held=outcome.held, zones=found.zones, failures=failures)


def _waiting(found: Survey) -> list[Result]:
    return [Result(installation=name, zone=found.zones[name], found=why) for name, why in found.not_now.items()]


def _broken(run: RunRecord, code: int, problem: str) -> KastellanError:
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    said = f": {problem}" if problem else ""
    return PermanentError(
        f"the worker of {run.plan.id} ended with {how}{said}",
        remediation="call the command again: it goes on where the run stands",
    )
