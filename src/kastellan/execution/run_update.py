"""The two steps that change an installation: `up`, and bringing the version before back."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from kastellan.domain.errors import BlockedError
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.domain.run import RunRecord
from kastellan.domain.run_step import Blocked, Done, Failed, Inconclusive, StepOutcome
from kastellan.execution.run_ports import RunPorts
from kastellan.execution.run_steps import served, wanted_release
from kastellan.ports.provisioner import EventKind, ProvisionerEvent, UpEnd, UpOutcome

if TYPE_CHECKING:
    from kastellan.domain.ledger import Json

TRIES = 3
"""So often an engine that died is followed by another one; a fourth death has a cause that a person has to find."""


def up(ports: RunPorts, run: RunRecord, seconds: float, should_stop: Callable[[], bool]) -> StepOutcome:
    """Bring the version of the plan, or finish what was begun."""
    ports.provisioner.write_version(run.plan.installation, wanted_release(ports, run, run.plan.version))
    return _brought(ports, run, seconds, should_stop)


def undo(ports: RunPorts, run: RunRecord, seconds: float, should_stop: Callable[[], bool]) -> StepOutcome:
    """Bring the version before back, and see that it serves."""
    before = replace(wanted_release(ports, run, run.plan.before), undoing=run.plan.version)
    ports.provisioner.write_version(run.plan.installation, before)
    brought = _brought(ports, run, seconds, should_stop)
    if not isinstance(brought, Done):
        return brought
    serves = served(ports, run.plan.before, seconds)
    match serves:
        case Done():
            evidence: dict[str, Json] = {"up": dict(brought.evidence), "service": dict(serves.evidence)}
            return Done(summary=f"{run.plan.before} is back: {serves.summary}", evidence=evidence)
        case _:
            return serves


def _brought(ports: RunPorts, run: RunRecord, seconds: float, should_stop: Callable[[], bool]) -> StepOutcome:
    stack = run.plan.installation
    deadline = ports.clock.monotonic() + seconds
    recovered: list[Json] = []
    outcome: UpOutcome | None = None
    for _ in range(TRIES):
        try:
            recovered += ports.provisioner.recover(stack)
            outcome = ports.provisioner.up(
                stack, deadline=deadline, on_event=lambda event: _tell(ports, event), should_stop=should_stop
            )
        except BlockedError as refused:  # before the engine began; where an earlier try had begun, that one counts
            if outcome is None:
                return Blocked(reasons=refused.reasons, evidence={"recovered": recovered})
            raise
        if outcome.end is not UpEnd.KILLED or ports.clock.monotonic() >= deadline:
            break
    if outcome is None:
        raise AssertionError("unreachable: there is at least one try")
    evidence: dict[str, Json] = {
        "end": outcome.end.value,
        "recovered": recovered,
        "steps": [
            {
                "operation": step.operation.value,
                "resource": f"{step.type} {step.name}",
                "milliseconds": round(step.seconds * 1000),
                "succeeded": step.succeeded,
            }
            for step in outcome.steps
        ],
    }
    if outcome.end is UpEnd.SUCCEEDED:
        return Done(summary=f"{len(outcome.steps)} resources changed", evidence=evidence)
    reasons = outcome.reasons or (_ended(stack, outcome.end),)
    if outcome.end is UpEnd.KILLED:
        return Inconclusive(reasons=reasons, evidence=evidence)
    return Failed(reasons=reasons, evidence=evidence)


def _tell(ports: RunPorts, event: ProvisionerEvent) -> None:
    match event.kind:
        case EventKind.BEGUN:
            text = f"{event.resource} begins"
        case EventKind.DONE:
            text = f"{event.resource} done"
        case EventKind.FAILED:
            text = f"{event.resource} failed"
        case EventKind.TOLD:
            text = event.text.splitlines()[0] if event.text.strip() else ""
    if text:
        ports.progress.report("up", f"{event.seconds:.0f} s, {text}")


def _ended(stack: str, end: UpEnd) -> Reason:
    return Reason(
        code=f"up-{end.value}",
        message=f"the update of {stack} {end.value}",
        owner=Party.VENDOR,
        remediation=f"look at its steps: kastellan runs show; then at the stack: pulumi stack --stack {stack}",
    )
