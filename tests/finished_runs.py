"""Whole runs for tests of what people and auditors read."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from kastellan.domain.history import Decided, DecisionKind, Item, Verdict, WindowOffered
from kastellan.domain.history_record import draft
from kastellan.domain.ledger import LedgerEntry, chained
from kastellan.domain.party import Party
from kastellan.domain.run import RunClosed, RunEvent, RunRecord, StepEnded, StepStarted, fold
from kastellan.domain.run_step import ORDER, Blocked, Done, StepName, StepOutcome
from tests.histories import NEW, OLD
from tests.runs import REASON, START, run_plan

SUMMARIES = {
    StepName.PREFLIGHT: "31 checks, 1 warnings",
    StepName.RESTORE_POINT: "restore point acme.regular-2026-12, 184320000 bytes",
    StepName.UP: "v4.13.1 is installed",
    StepName.VERIFICATION: "3 zones answered 5 times; 95 of 100 answers within 21 ms",
    StepName.SOAK: "3 zones answered 121 times; 95 of 100 answers within 34 ms",
}
TOOK = {StepName.RESTORE_POINT: 41_000, StepName.UP: 193_500, StepName.VERIFICATION: 6_200, StepName.SOAK: 600_800}


def passed_run(text: str = "") -> RunRecord:
    """A run that passed; `text` stands in every free text."""
    return fold(run_plan(), [*_steps(text), _closed(Verdict.PASSED, "")])


def blocked_run() -> RunRecord:
    """A run that the customer's platform blocked, after a worker had died in the preflight."""
    dead = StepStarted(at=START, step=StepName.PREFLIGHT, attempt=1, token=1, worker="a/1")
    again = [
        StepStarted(at=START + timedelta(minutes=2), step=StepName.PREFLIGHT, attempt=2, token=2, worker="b/2"),
        _ended(StepName.PREFLIGHT, 2, START + timedelta(minutes=3), Blocked(reasons=(REASON,)), 4000),
    ]
    return fold(run_plan(), [dead, *again, _closed(Verdict.BLOCKED, REASON.message)])


def ledger(reason: str = "after the release party, please") -> Sequence[LedgerEntry]:
    """What the ledger says about the month."""
    item, before = Item("regular/2026-12"), START - timedelta(days=28)
    offered = WindowOffered(at=before, item=item, start=START, end=START + timedelta(hours=6), version=NEW)
    said = Decided(
        at=before + timedelta(days=2),
        item=item,
        kind=DecisionKind.PERMIT,
        start=START,
        who="Ada Muster",
        channel="mail",
        reason=reason,
    )
    other = WindowOffered(
        at=before, item=Item("regular/2026-11"), start=START, end=START + timedelta(hours=6), version=OLD
    )
    entries: list[LedgerEntry] = []
    for fact in (offered, other, said):
        after = entries[-1] if entries else None
        entries.append(chained("acme", draft(fact), noticed_at=fact.at, after=after))
    return entries


def _steps(text: str) -> Iterator[RunEvent]:
    at = START
    for name in ORDER:
        took = TOOK.get(name, 700)
        yield StepStarted(at=at, step=name, attempt=1, token=1, worker="runner/4711")
        at += timedelta(milliseconds=took)
        evidence = {"digest": "sha256:" + "d" * 64} if name is StepName.PREFLIGHT else {}
        yield _ended(name, 1, at, Done(summary=SUMMARIES.get(name, "done") + text, evidence=evidence), took)


def _ended(step: StepName, attempt: int, at: datetime, outcome: StepOutcome, milliseconds: int) -> StepEnded:
    return StepEnded(at=at, step=step, attempt=attempt, milliseconds=milliseconds, outcome=outcome)


def _closed(verdict: Verdict, reason: str) -> RunClosed:
    passed = verdict is Verdict.PASSED
    return RunClosed(
        at=START + timedelta(minutes=15),
        verdict=verdict,
        attribution=Party.VENDOR if passed else Party.CUSTOMER,
        version=NEW if passed else OLD,
        reason=reason,
    )
