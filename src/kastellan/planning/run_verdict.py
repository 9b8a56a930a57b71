"""How a run ended, judged from what its steps came to; and what an error in a step comes to."""

from collections.abc import Sequence
from dataclasses import dataclass

from kastellan.domain.errors import BlockedError, InvalidInputError, KastellanError, StepFailedError, TemporaryError
from kastellan.domain.history import Verdict
from kastellan.domain.ledger import Json
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.domain.run import RunRecord
from kastellan.domain.run_document import reasons_of
from kastellan.domain.run_step import ORDER, Blocked, Done, DoneAlready, Failed, Inconclusive, StepName, StepOutcome
from kastellan.domain.version import Version

_JUDGED = ORDER[: ORDER.index(StepName.VERDICT)]
_TOLD = 5
"""So many reasons are told in a sentence; the journal has them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunVerdict:
    """The end of a run; attributes as of `domain.run.RunClosed`."""

    verdict: Verdict
    attribution: Party
    version: Version
    reason: str

    @property
    def evidence(self) -> dict[str, Json]:
        """As the journal keeps it."""
        return {
            "verdict": self.verdict.value,
            "attribution": self.attribution.value,
            "version": str(self.version),
            "reason": self.reason,
        }


def judged(run: RunRecord) -> RunVerdict:
    """The verdict about a run that goes no further: passed only where every step before the verdict is done.

    Where nothing was changed it is blocked, whatever stopped it. A release that did not serve and was undone has
    failed, and the version before runs again.
    """
    stopped = next((run.step(name) for name in _JUDGED if not run.step(name).done), None)
    undo = run.step(StepName.UNDO)
    if stopped is None and not undo.begun:
        return RunVerdict(verdict=Verdict.PASSED, attribution=Party.VENDOR, version=run.plan.version, reason="")
    reasons = list(reasons_of(stopped.outcome)) if stopped and stopped.outcome else []
    if undo.begun:
        reasons += reasons_of(undo.outcome) if undo.outcome else ()
    text = "; ".join(reason.message for reason in reasons[:_TOLD])
    text += f"; and {len(reasons) - _TOLD} more, see `kastellan runs show`" if len(reasons) > _TOLD else ""
    text = text or "the customer objected, and the update was undone"
    if not run.changed:
        verdict, version = Verdict.BLOCKED, run.plan.before
    else:
        unsure = stopped is not None and isinstance(stopped.outcome, Inconclusive) and not undo.begun
        verdict = Verdict.INCONCLUSIVE if unsure else Verdict.FAILED
        version = run.plan.before if undo.done or not run.step(StepName.UP).done else run.plan.version
    if undo.done:
        text += f"; it was undone, and {run.plan.before} serves"
    elif run.changed and run.plan.migrates:
        text += f"; {_left(run)}"
    owner = attribution(reasons) if reasons else Party.CUSTOMER
    return RunVerdict(verdict=verdict, attribution=owner, version=version, reason=text)


def attribution(reasons: Sequence[Reason]) -> Party:
    """Whose the cause is where there are several: ours before a third party's before the customer's (IN-2, MU-4).

    Only what lies with the customer alone counts against the customer.
    """
    owners = {reason.owner for reason in reasons}
    for party in (Party.VENDOR, Party.THIRD_PARTY, Party.CUSTOMER):
        if party in owners:
            return party
    return Party.VENDOR


def outcome_of(error: KastellanError, step: StepName, *, changed: bool) -> StepOutcome:
    """What an error in a step comes to.

    Args:
        error: what was raised, after its repetitions where it was temporary.
        step: in which step.
        changed: whether the installation may have been changed already.
    """
    if isinstance(error, BlockedError | InvalidInputError) and error.reasons:
        reasons = error.reasons
    else:
        said = _said(error)
        remedy = error.remediation or "look at the message, and run it again"
        kind = "unanswered" if isinstance(error, TemporaryError) else "refused"
        reason = Reason(code=kind, message=f"{error.message}{said}", owner=error.owner, remediation=remedy)
        reasons = (reason,)
    if not changed:
        return Blocked(reasons=reasons)
    if isinstance(error, TemporaryError) and step is not StepName.UP:
        return Inconclusive(reasons=tuple(reasons))
    return Failed(reasons=tuple(reasons))


def must_undo(run: RunRecord, *, objected: bool) -> bool:
    """Whether the version before has to be brought back, and may be: the catalogue says that its pods still work.

    Args:
        run: as far as it has come.
        objected: whether the customer objects and the contract says that the run is then undone.
    """
    if not run.plan.undo or not run.changed:
        return False
    if run.step(StepName.UNDO).begun and not run.step(StepName.UNDO).done:
        return run.step(StepName.UNDO).outcome is None
    if run.step(StepName.UNDO).done:
        return False
    failed = any(
        isinstance(run.step(name).outcome, Failed) for name in (StepName.UP, StepName.VERIFICATION, StepName.SOAK)
    )
    return failed or (objected and run.step(StepName.UP).done)


def _left(run: RunRecord) -> str:
    """What a person finds who has to go on where a run did not pass and nothing was undone."""
    point = run.step(StepName.RESTORE_POINT).outcome
    key = point.evidence.get("key") if isinstance(point, Done | DoneAlready) else None
    where = f"the restore point {key} is from before it" if key else "there is no restore point"
    return f"it was left as it is: {where}, and restoring it is a person's decision"


def _said(error: KastellanError) -> str:
    lines = error.evidence.strip().splitlines() if isinstance(error, StepFailedError) else []
    return f": {lines[-1]}" if lines else ""
