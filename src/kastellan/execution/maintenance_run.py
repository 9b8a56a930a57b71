"""Carries a maintenance run out, choosing nothing; called again after any kill, it goes on where the journal stands.

Before every step its beginning is written, after it its end; both only while the lease is ours. Until the installation
is first changed, a step that changes anything begins in the transaction that also makes sure that the ledger is as it
was when the customer's decision was read: who objects before that instant is heard, and nothing is changed.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from kastellan.domain import history_record
from kastellan.domain.errors import ConflictError, KastellanError, LeaseLostError
from kastellan.domain.history import Fact, RunEnded, RunStarted
from kastellan.domain.ledger import Draft
from kastellan.domain.run import RunClosed, RunEvent, RunPlan, RunRecord, StepEnded, StepStarted
from kastellan.domain.run_policy import AtWindowEnd, OnWithdrawal
from kastellan.domain.run_step import ORDER, Blocked, Done, DoneAlready, Failed, Inconclusive, StepName, StepOutcome
from kastellan.execution import run_steps
from kastellan.execution.lease_keeping import KeptLease, kept_lease
from kastellan.execution.patience import PATIENCE_SECONDS, patiently
from kastellan.execution.run_ports import RunPorts
from kastellan.execution.run_steps import put_back
from kastellan.execution.run_update import undo, up
from kastellan.planning.run_permission import objection, refusals
from kastellan.planning.run_verdict import RunVerdict, judged, must_undo, outcome_of
from kastellan.planning.window_end import cut_off

_LOOKS = 5
"""How often a step reads and decides again when somebody recorded something meanwhile."""
_TO_VERDICT = ORDER[1 : ORDER.index(StepName.VERDICT)]
_GUARDED = (StepName.RESTORE_POINT, StepName.PREVIEW_GUARD, StepName.UP)
"""Steps that change something, and begin only while the customer does not object."""
_STEPS: dict[StepName, run_steps.Step] = {
    StepName.CONTRACT: run_steps.contract,
    StepName.PREFLIGHT: run_steps.preflight,
    StepName.NOTICE_STARTED: run_steps.notice_started,
    StepName.DRIFT: run_steps.drift,
    StepName.RESTORE_POINT: run_steps.restore_point,
    StepName.PREVIEW_GUARD: run_steps.preview_guard,
    StepName.VERIFICATION: run_steps.verification,
    StepName.SOAK: run_steps.soaking,
}

T = TypeVar("T")


def carry_out(plan: RunPlan, ports: RunPorts) -> RunRecord:
    """Carry a plan out, or finish what somebody else began of it; returns the closed run.

    Raises:
        BlockedError: somebody else is at work on the installation (`run-in-progress`); nothing was written.
        LeaseLostError: somebody else took over; this worker stopped before it changed anything else.
        KastellanError: the store gives no answer or takes no writes; the run stays open, and the next call goes on.
    """
    with kept_lease(ports.leases, plan.installation, ports.worker, ports.clock, ports.progress) as kept:
        run = ports.journal.open(plan, lease=kept.lease)
        return run if run.closed else _Course(ports, kept, run).finish()


class _Course:
    """One process' way through a run."""

    def __init__(self, ports: RunPorts, kept: KeptLease, run: RunRecord) -> None:
        self._ports = ports
        self._kept = kept
        self._run = run

    def finish(self) -> RunRecord:
        """Take what is left of the run."""
        if not self._run.step(StepName.VERDICT).done:
            self._take(StepName.LEASE, self._leased)
            self._go_on()
            if self._must_undo():
                self._take(StepName.UNDO, lambda seconds: undo(self._ports, self._run, seconds, self._is_lost))
            verdict = judged(self._run)
            self._take(StepName.VERDICT, lambda _: self._settled(verdict))
        self._take(StepName.NOTICE_COMPLETED, lambda _: self._announced())
        return self._close(judged(self._run))

    def _go_on(self) -> None:
        """Up to the verdict, or to the first step that is not done; what ended otherwise is not tried again."""
        for name in _TO_VERDICT:
            record = self._run.step(name)
            if self._run.step(StepName.UNDO).begun or (record.outcome is not None and not record.done):
                return
            self._take(name, self._step(name))
            if not self._run.step(name).done or self._must_undo():
                return

    def _step(self, name: StepName) -> Callable[[float], StepOutcome]:
        if name is StepName.UP:
            return lambda seconds: up(self._ports, self._run, seconds, self._is_lost)
        step = _STEPS[name]
        return lambda seconds: step(self._ports, self._run, seconds)

    def _take(self, name: StepName, act: Callable[[float], StepOutcome]) -> None:
        """Take a step unless it is done: write its beginning, act, write its end."""
        if self._run.step(name).done and name is not StepName.LEASE:
            return
        clock = self._ports.clock
        if not self._begin(name):
            return
        self._ports.progress.report(name.value, "begins")
        began = clock.monotonic()
        outcome = self._outcome(name, act)
        # What a worker without a lease saw is not written down.
        self._stored(lambda: self._ports.leases.renew(self._kept.lease))
        now, milliseconds = self._now(), round((clock.monotonic() - began) * 1000)
        ended = StepEnded(
            at=now,
            step=name,
            attempt=len(self._run.step(name).attempts),
            milliseconds=milliseconds,
            outcome=outcome,
        )
        self._write(ended, drafts=self._facts(name, outcome, now))
        self._ports.progress.report(name.value, _told(outcome))
        if name is StepName.NOTICE_STARTED:
            self._announced()

    def _begin(self, name: StepName) -> bool:
        """Write that a step begins; where it may not, also how that ended, in one transaction, and return False."""
        guarded = name in _GUARDED and not self._run.changed
        for look in range(_LOOKS):
            now = self._now()
            refused: StepOutcome | None = None
            if name in _TO_VERDICT:
                refused = cut_off(self._run.plan, name, now, changed=self._run.changed)
            seen = None
            if guarded:
                situation = self._stored(self._ports.look)
                seen = situation.ledger.seen
                reasons = refusals(self._run.plan, situation.contract, situation.ledger.history, now)
                refused = Blocked(reasons=reasons) if reasons else refused
            attempt = len(self._run.step(name).attempts) + 1
            token, worker = self._kept.lease.token, self._ports.worker.name
            events: list[RunEvent] = [StepStarted(at=now, step=name, attempt=attempt, token=token, worker=worker)]
            if refused is not None:
                events.append(StepEnded(at=now, step=name, attempt=attempt, milliseconds=0, outcome=refused))
                self._ports.progress.report(name.value, _told(refused))
            try:
                self._write(*events, seen=seen)
            except ConflictError:
                if look + 1 == _LOOKS:
                    raise
                continue
            return refused is None
        raise AssertionError("unreachable: the last look raises or returns")

    def _outcome(self, name: StepName, act: Callable[[float], StepOutcome]) -> StepOutcome:
        """Act, and act again while the error is temporary and there is time."""
        clock = self._ports.clock
        ends = clock.monotonic() + self._seconds(name)
        try:
            return patiently(
                lambda: act(max(0.0, ends - clock.monotonic())),
                clock,
                seconds=ends - clock.monotonic(),
                told=lambda text: self._ports.progress.report(name.value, text),
                ended=self._is_lost,
            )
        except KastellanError as error:
            if isinstance(error, LeaseLostError):
                raise
            return outcome_of(error, name, changed=self._run.changed)

    def _seconds(self, name: StepName) -> float:
        """How long a step may take: up to its deadline, and never into the time that is kept for what follows it."""
        plan = self._run.plan
        step = plan.step(StepName.UP if name is StepName.UNDO else name)
        seconds = step.deadline.total_seconds()
        if plan.window_end is None or name is StepName.UNDO:
            return seconds
        left = (plan.window_end - plan.reserve - self._now()).total_seconds()
        if not self._run.changed:
            return min(seconds, left - (plan.expected_from(name) - step.expected).total_seconds())
        if name is StepName.UP and plan.policy.at_window_end is AtWindowEnd.STOP_SAFE:
            return max(0.0, min(seconds, left - self._ports.provisioner.grace_seconds))
        return seconds

    def _must_undo(self) -> bool:
        plan = self._run.plan
        if not must_undo(self._run, objected=self._objected()):
            return False
        # Where the update never ended the old pods serve, and after the window nothing is begun without need.
        over = plan.window_end is not None and self._now() >= plan.window_end
        return not over or self._run.step(StepName.UP).done or plan.policy.at_window_end is AtWindowEnd.FINISH

    def _objected(self) -> bool:
        plan = self._run.plan
        if plan.policy.on_withdrawal is not OnWithdrawal.UNDO or not self._run.step(StepName.UP).done:
            return False
        return objection(self._stored(self._ports.look).ledger.history, plan.item, plan.window_start) is not None

    def _leased(self, _: float) -> StepOutcome:
        lease = self._kept.lease
        return Done(summary=f"token {lease.token}", evidence={"token": lease.token, "worker": lease.holder})

    def _settled(self, verdict: RunVerdict) -> StepOutcome:
        """The verdict; where nothing was changed, the stack's file says again what it said before."""
        if not self._run.changed:
            try:
                put_back(self._ports, self._run)
            except KastellanError as problem:
                self._ports.progress.report(StepName.VERDICT.value, f"the stack's file: {problem.message}")
        return Done(summary=verdict.verdict.value, evidence=verdict.evidence)

    def _facts(self, name: StepName, outcome: StepOutcome, now: datetime) -> tuple[Draft, ...]:
        """What the ledger records with the end of a step."""
        plan = self._run.plan
        if name is StepName.NOTICE_STARTED and isinstance(outcome, Done):
            fact: Fact = RunStarted(at=now, item=plan.item, start=plan.window_start, version=plan.version)
            return (history_record.draft(fact),)
        if name is StepName.VERDICT:
            found = judged(self._run)
            fact = RunEnded(
                at=now,
                item=plan.item,
                verdict=found.verdict,
                attribution=found.attribution,
                start=plan.window_start,
                version=found.version,
                reason=found.reason,
            )
            return (history_record.draft(fact),)
        return ()

    def _announced(self) -> StepOutcome:
        try:
            self._ports.announce()
        except KastellanError as problem:
            self._ports.progress.report("notices", f"left to the next tick: {problem.message}")
            return Done(summary=f"left to the next tick: {problem.message}")
        return Done(summary="what is due is recorded and queued")

    def _close(self, found: RunVerdict) -> RunRecord:
        closed = RunClosed(
            at=self._now(),
            verdict=found.verdict,
            attribution=found.attribution,
            version=found.version,
            reason=found.reason,
        )
        self._write(closed)
        return self._run

    def _write(self, *events: RunEvent, drafts: Sequence[Draft] = (), seen: int | None = None) -> None:
        self._run = self._stored(
            lambda: self._ports.journal.write(self._run, *events, lease=self._kept.lease, drafts=drafts, seen=seen)
        )

    def _stored(self, ask: Callable[[], T]) -> T:
        """Ask the store, and again while it gives no answer: a run under way outlives the restart of its server."""
        return patiently(
            ask,
            self._ports.clock,
            seconds=PATIENCE_SECONDS,
            told=lambda text: self._ports.progress.report("store", text),
            ended=self._is_lost,
            but=(ConflictError,),
        )

    def _now(self) -> datetime:
        return self._ports.clock.now().replace(microsecond=0)

    def _is_lost(self) -> bool:
        return self._kept.lost


def _told(outcome: StepOutcome) -> str:
    match outcome:
        case Done() | DoneAlready():
            return outcome.summary
        case Blocked() | Failed() | Inconclusive():
            return f"{outcome.kind}: " + "; ".join(reason.message for reason in outcome.reasons)
