"""Plans and runs for people and for machines; instants of a plan in the contract's zone, those of a journal in UTC."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from kastellan.domain.history import Verdict
from kastellan.domain.ledger import utc_text
from kastellan.domain.run import PlannedStep, RunPlan, RunRecord
from kastellan.domain.run_document import outcome_document, plan_document, reason_document, reasons_of
from kastellan.domain.run_step import Done, DoneAlready, StepOutcome
from kastellan.planning.run_planning import NotNow, latest_start
from kastellan.planning.step_durations import ENOUGH

_WIDTH = 118
_STYLES = {Verdict.PASSED: "green", Verdict.BLOCKED: "yellow", Verdict.FAILED: "red", Verdict.INCONCLUSIVE: "red"}


def plan_text(plan: RunPlan, zone: str, *, colour: bool) -> str:
    """A plan, step by step."""
    buffer = StringIO()
    console = _console(buffer, colour=colour)
    change = f"{plan.before} → {plan.version}" if plan.migrates else f"stays at {plan.version} and is verified"
    console.print(f"{plan.installation}: {plan.item}, {plan.release_class.value}, {change}", markup=False)
    console.print(f"run {plan.id}", markup=False)
    if plan.window_start and plan.window_end:
        latest = latest_start(plan)
        console.print(f"window     {_local(plan.window_start, zone)} until {_local(plan.window_end, zone)} ({zone})")
        console.print(f"begin by   {_local(latest, zone) if latest else 'any time'}")
    else:
        console.print("window     none: an emergency outside of the windows [MU-2]", markup=False)
    console.print(f"expected   {_duration(plan.expected)}, and {_duration(plan.reserve)} are kept for undoing it")
    console.print(f"at its end {plan.policy.at_window_end.value}; undo: {'yes' if plan.undo else 'no'}")
    times, traces = (Table(box=None, padding=(0, 2, 0, 0)) for _ in range(2))
    for title in ("step", "expected", "measured", "deadline", "begins when"):
        times.add_column(title)
    for title in ("step", "a kill leaves", "undone by"):
        traces.add_column(title)
    for step in plan.steps:
        name, expected, deadline = step.name.value, _duration(step.expected), _duration(step.deadline)
        times.add_row(name, expected, _measured(step), deadline, Text(step.precondition))
        traces.add_row(name, Text(step.leaves), Text(step.undone_by))
    for table in (times, traces):
        console.print()
        console.print(table)
    return _text(buffer)


def not_now_text(installation: str, found: NotNow, zone: str) -> str:
    """Why nothing begins, and whose turn it is."""
    state = "is due and may not begin" if found.due else "nothing is due now"
    lines = [f"{installation}: {state}", *(f"  {reason}" for reason in found.reasons)]
    if found.next_start:
        lines.append(f"  next: {_local(found.next_start, zone)} ({zone})")
    return "\n".join(lines) + "\n"


def not_now_document(installation: str, found: NotNow) -> dict[str, Any]:
    """The same for machines."""
    return {
        "schemaVersion": 1,
        "kind": "NoRun",
        "installation": installation,
        "due": found.due,
        "reasons": [reason_document(reason) for reason in found.reasons],
        "nextStart": utc_text(found.next_start) if found.next_start else None,
    }


def list_text(runs: Sequence[RunRecord], *, colour: bool) -> str:
    """One line a run."""
    if not runs:
        return "no runs yet\n"
    buffer = StringIO()
    console = _console(buffer, colour=colour)
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("run", "began (UTC)", "version", "verdict", "why"):
        table.add_column(title, no_wrap=title == "run")
    for run in runs:
        began = utc_text(run.started_at) if run.started_at else "not yet"
        table.add_row(run.plan.id, began, str(run.plan.version), _verdict(run), Text(_why(run)))
    console.print(table)
    return _text(buffer)


def run_text(run: RunRecord, *, colour: bool) -> str:
    """The timeline of a run."""
    buffer = StringIO()
    console = _console(buffer, colour=colour)
    console.print(Text(f"{run.plan.id}  {run.plan.before} → {run.plan.version}  "), _verdict(run))
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("began (UTC)", "step", "took", "expected", "came to"):
        table.add_column(title)
    for step in run.steps:
        expected = next((_duration(p.expected) for p in run.plan.steps if p.name is step.name), "")
        for attempt in step.attempts:
            took = f"{attempt.milliseconds / 1000:.1f} s" if attempt.ended_at else ""
            name = step.name.value if attempt.number == 1 else f"{step.name.value} ({attempt.number})"
            table.add_row(utc_text(attempt.started_at), name, took, expected, Text(outcome_text(attempt.outcome)))
    console.print(table)
    if run.closed and run.closed.reason:
        console.print(f"{run.closed.attribution.value} acts: {run.closed.reason}", markup=False)
    return _text(buffer)


def run_document(run: RunRecord) -> dict[str, Any]:
    """Everything about a run."""
    closed = run.closed
    return {
        "schemaVersion": 1,
        "kind": "Run",
        "id": run.plan.id,
        "plan": plan_document(run.plan),
        "startedAt": utc_text(run.started_at) if run.started_at else None,
        "endedAt": utc_text(closed.at) if closed else None,
        "verdict": closed.verdict.value if closed else None,
        "attribution": closed.attribution.value if closed else None,
        "version": str(closed.version) if closed else None,
        "reason": closed.reason if closed else None,
        "steps": [
            {
                "name": step.name.value,
                "attempts": [
                    {
                        "number": attempt.number,
                        "token": attempt.token,
                        "worker": attempt.worker,
                        "startedAt": utc_text(attempt.started_at),
                        "endedAt": utc_text(attempt.ended_at) if attempt.ended_at else None,
                        "milliseconds": attempt.milliseconds,
                        "outcome": outcome_document(attempt.outcome) if attempt.outcome else None,
                    }
                    for attempt in step.attempts
                ],
            }
            for step in run.steps
        ],
    }


def outcome_text(outcome: StepOutcome | None) -> str:
    """An outcome in a line, with whose turn it is where it is not done."""
    if outcome is None:
        return "did not end"
    if isinstance(outcome, Done | DoneAlready):
        return outcome.summary
    kind = outcome_document(outcome)["is"]
    return f"{kind}: " + " ".join(str(reason) for reason in reasons_of(outcome))


def _measured(step: PlannedStep) -> str:
    """What the expected duration rests on; with few runs, it is never below the documented default."""
    if step.samples == 0:
        return "default"
    return f"p95 of {step.samples} runs" if step.samples >= ENOUGH else f"default, or {step.samples} runs"


def _verdict(run: RunRecord) -> Text:
    if run.closed is None:
        return Text(f"at {run.last_begun.value}" if run.last_begun else "not begun", "yellow")
    return Text(run.closed.verdict.value, _STYLES[run.closed.verdict])


def _why(run: RunRecord) -> str:
    if run.closed is None or not run.closed.reason:
        return ""
    return f"{run.closed.attribution.value}: {run.closed.reason}"


def _duration(duration: timedelta) -> str:
    seconds = round(duration.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60} min" if seconds >= 7200 else f"{-(-seconds // 60)} min"


def _local(instant: datetime, zone: str) -> str:
    return instant.astimezone(ZoneInfo(zone)).strftime("%a %Y-%m-%d %H:%M")


def _console(buffer: StringIO, *, colour: bool) -> Console:
    return Console(file=buffer, force_terminal=colour, no_color=not colour, width=_WIDTH, highlight=False)


def _text(buffer: StringIO) -> str:
    return "\n".join(_stripped(buffer.getvalue().splitlines())) + "\n"


def _stripped(lines: Iterable[str]) -> Iterable[str]:
    return (line.rstrip() for line in lines)
