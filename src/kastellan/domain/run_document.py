"""A run's plan and events as JSON and back: what the journal keeps, what `--json` prints, what evidence is made of."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, cast

from kastellan.domain.history import Item, Verdict
from kastellan.domain.ledger import Json, utc_instant, utc_text
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.domain.release import ReleaseClass
from kastellan.domain.run import PlannedStep, RunClosed, RunEvent, RunPlan, StepEnded, StepStarted
from kastellan.domain.run_policy import AtWindowEnd, OnWithdrawal, RunPolicy
from kastellan.domain.run_step import Blocked, Done, DoneAlready, Failed, Inconclusive, StepName, StepOutcome
from kastellan.domain.version import Version

Document = Mapping[str, Json]


def plan_document(plan: RunPlan) -> dict[str, Json]:
    """A plan; durations are whole seconds."""
    return {
        "schemaVersion": 1,
        "kind": "RunPlan",
        "id": plan.id,
        "installation": plan.installation,
        "item": str(plan.item),
        "class": plan.release_class.value,
        "attempt": plan.attempt,
        "plannedAt": utc_text(plan.planned_at),
        "windowStart": utc_text(plan.window_start) if plan.window_start else None,
        "windowEnd": utc_text(plan.window_end) if plan.window_end else None,
        "before": str(plan.before),
        "version": str(plan.version),
        "images": list(plan.images),
        "undo": plan.undo,
        "policy": {
            "atWindowEnd": plan.policy.at_window_end.value,
            "onWithdrawal": plan.policy.on_withdrawal.value,
            "emergencyOutsideWindow": plan.policy.emergency_outside_window,
            "soakSeconds": _seconds(plan.policy.soak),
        },
        "contract": plan.contract_digest,
        "reserveSeconds": _seconds(plan.reserve),
        "steps": [
            {
                "name": step.name.value,
                "precondition": step.precondition,
                "expectedSeconds": _seconds(step.expected),
                "samples": step.samples,
                "deadlineSeconds": _seconds(step.deadline),
                "leaves": step.leaves,
                "undoneBy": step.undone_by,
            }
            for step in plan.steps
        ],
    }


def read_plan(found: Mapping[str, Any]) -> RunPlan:
    """Reads what `plan_document` wrote.

    Raises:
        ValueError, KeyError: it is none.
    """
    policy = found["policy"]
    return RunPlan(
        installation=found["installation"],
        item=Item(found["item"]),
        release_class=ReleaseClass(found["class"]),
        attempt=found["attempt"],
        planned_at=utc_instant(found["plannedAt"]),
        window_start=utc_instant(found["windowStart"]) if found["windowStart"] else None,
        window_end=utc_instant(found["windowEnd"]) if found["windowEnd"] else None,
        before=Version.parse(found["before"]),
        version=Version.parse(found["version"]),
        images=tuple(found["images"]),
        undo=found["undo"],
        policy=RunPolicy(
            at_window_end=AtWindowEnd(policy["atWindowEnd"]),
            on_withdrawal=OnWithdrawal(policy["onWithdrawal"]),
            emergency_outside_window=policy["emergencyOutsideWindow"],
            soak=timedelta(seconds=policy["soakSeconds"]),
        ),
        contract_digest=found["contract"],
        reserve=timedelta(seconds=found["reserveSeconds"]),
        steps=tuple(
            PlannedStep(
                name=StepName(step["name"]),
                precondition=step["precondition"],
                expected=timedelta(seconds=step["expectedSeconds"]),
                samples=step["samples"],
                deadline=timedelta(seconds=step["deadlineSeconds"]),
                leaves=step["leaves"],
                undone_by=step["undoneBy"],
            )
            for step in found["steps"]
        ),
    )


def event_document(event: RunEvent) -> dict[str, Json]:
    """An event; `kind` tells which."""
    match event:
        case StepStarted():
            return {
                "kind": "step-started",
                "at": utc_text(event.at),
                "step": event.step.value,
                "attempt": event.attempt,
                "token": event.token,
                "worker": event.worker,
            }
        case StepEnded():
            return {
                "kind": "step-ended",
                "at": utc_text(event.at),
                "step": event.step.value,
                "attempt": event.attempt,
                "milliseconds": event.milliseconds,
                "outcome": outcome_document(event.outcome),
            }
        case RunClosed():
            return {
                "kind": "run-closed",
                "at": utc_text(event.at),
                "verdict": event.verdict.value,
                "attribution": event.attribution.value,
                "version": str(event.version),
                "reason": event.reason,
            }


def read_event(found: Mapping[str, Any]) -> RunEvent:
    """Reads what `event_document` wrote.

    Raises:
        ValueError, KeyError: it is none.
    """
    at = utc_instant(found["at"])
    match found["kind"]:
        case "step-started":
            return StepStarted(
                at=at,
                step=StepName(found["step"]),
                attempt=found["attempt"],
                token=found["token"],
                worker=found["worker"],
            )
        case "step-ended":
            return StepEnded(
                at=at,
                step=StepName(found["step"]),
                attempt=found["attempt"],
                milliseconds=found["milliseconds"],
                outcome=read_outcome(found["outcome"]),
            )
        case "run-closed":
            return RunClosed(
                at=at,
                verdict=Verdict(found["verdict"]),
                attribution=Party(found["attribution"]),
                version=Version.parse(found["version"]),
                reason=found["reason"],
            )
        case kind:
            raise ValueError(f"{kind!r} is no event of a run")


def outcome_document(outcome: StepOutcome) -> dict[str, Json]:
    """An outcome; `is` tells which."""
    evidence = dict(outcome.evidence)
    match outcome:
        case Done():
            return {"is": "done", "summary": outcome.summary, "evidence": evidence}
        case DoneAlready():
            return {"is": "done-already", "summary": outcome.summary, "evidence": evidence}
        case Blocked() | Failed() | Inconclusive():
            reasons: list[Json] = [reason_document(reason) for reason in outcome.reasons]
            return {"is": outcome.kind, "reasons": reasons, "evidence": evidence}


def read_outcome(found: Mapping[str, Any]) -> StepOutcome:
    """Reads what `outcome_document` wrote.

    Raises:
        ValueError, KeyError: it is none.
    """
    evidence = cast("Document", found["evidence"])
    reasons = tuple(read_reason(one) for one in found.get("reasons", ()))
    match found["is"]:
        case "done":
            return Done(summary=found["summary"], evidence=evidence)
        case "done-already":
            return DoneAlready(summary=found["summary"], evidence=evidence)
        case "blocked":
            return Blocked(reasons=reasons, evidence=evidence)
        case "failed":
            return Failed(reasons=reasons, evidence=evidence)
        case "inconclusive":
            return Inconclusive(reasons=reasons, evidence=evidence)
        case kind:
            raise ValueError(f"{kind!r} is no outcome of a step")


def reasons_of(outcome: StepOutcome) -> Sequence[Reason]:
    """Why it is not done; empty where it is."""
    match outcome:
        case Done() | DoneAlready():
            return ()
        case Blocked() | Failed() | Inconclusive():
            return outcome.reasons


def reason_document(reason: Reason) -> dict[str, Json]:
    """A reason."""
    return {
        "code": reason.code,
        "message": reason.message,
        "owner": reason.owner.value,
        "remediation": reason.remediation,
        "clause": reason.clause,
        "path": reason.path,
    }


def read_reason(found: Mapping[str, Any]) -> Reason:
    """Reads what `reason_document` wrote."""
    return Reason(**{**found, "owner": Party(found["owner"])})


def _seconds(duration: timedelta) -> int:
    return round(duration.total_seconds())
