"""What was offered to a customer, what the customer said to it, and what came of it: one row a window."""

from dataclasses import dataclass, replace
from datetime import datetime

from kastellan.domain.history import (
    Decided,
    DecisionKind,
    History,
    Item,
    NoticeReceived,
    RunEnded,
    Verdict,
    WindowOffered,
)
from kastellan.domain.local_time import end_of_day
from kastellan.domain.party import Party
from kastellan.domain.terms import Terms
from kastellan.domain.version import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An offered window and its fate.

    Attributes:
        item: what it is for.
        start: its start.
        end: its end.
        version: what it brings.
        received_at: when the notice of it counts as received; None where it does not yet.
        in_time: whether that was early enough (MU-3).
        decision: the one that is in effect at the window's start, or so far; None for silence.
        run: the last run in this window, or None.
    """

    item: Item
    start: datetime
    end: datetime
    version: Version
    received_at: datetime | None
    in_time: bool
    decision: Decided | None
    run: RunEnded | None

    @property
    def moved(self) -> bool:
        """Whether the customer asked for another window instead, so that this one says nothing about permission."""
        return self.decision is not None and self.decision.kind in (DecisionKind.DEFER, DecisionKind.PULL_FORWARD)

    @property
    def denied(self) -> bool:
        """Whether a denial is in effect."""
        return self.decision is not None and self.decision.kind is DecisionKind.DENY

    @property
    def permitted(self) -> bool:
        """Whether it may run: silence is consent to what was offered in time, a late offer needs a permit (MU-3)."""
        if self.decision is None:
            return self.in_time
        return self.decision.kind is DecisionKind.PERMIT

    @property
    def failed_by_customer(self) -> bool:
        """Whether it did not run because the customer denied it, or because of a blocker of the customer's (MU-4)."""
        if self.run is None:
            return self.denied
        return stopped_by_customer(self.run)


def stopped_by_customer(run: RunEnded) -> bool:
    """Whether a run did not pass for a cause on the customer's side; a failure of ours never is one (IN-2)."""
    return run.verdict is Verdict.BLOCKED and run.attribution is Party.CUSTOMER


def offers(history: History, terms: Terms, zone: str) -> tuple[Offer, ...]:
    """Every window that was offered, by start."""
    received: dict[tuple[Item, datetime], datetime] = {}
    for notice in history.of(NoticeReceived):
        if notice.start is not None:
            received.setdefault((notice.item, notice.start), notice.at)
    decisions: dict[tuple[Item, datetime], Decided | None] = {}
    for decided in history.of(Decided):
        # What is said after the start of a window cannot be about whether it may begin.
        if decided.start is not None and decided.at < decided.start:
            withdrawn = decided.kind is DecisionKind.WITHDRAW
            decisions[decided.item, decided.start] = None if withdrawn else decided
            if decided.chosen is not None:  # who names a window permits it
                decisions[decided.item, decided.chosen] = replace(
                    decided, kind=DecisionKind.PERMIT, start=decided.chosen, chosen=None
                )
    runs = {(run.item, run.start): run for run in history.of(RunEnded)}
    found = {
        (offered.item, offered.start): Offer(
            item=offered.item,
            start=offered.start,
            end=offered.end,
            version=offered.version,
            received_at=received.get((offered.item, offered.start)),
            in_time=_in_time(received.get((offered.item, offered.start)), offered.start, terms, zone),
            decision=decisions.get((offered.item, offered.start)),
            run=runs.get((offered.item, offered.start)),
        )
        for offered in history.of(WindowOffered)
    }
    return tuple(sorted(found.values(), key=lambda offer: offer.start))


def _in_time(received_at: datetime | None, start: datetime, terms: Terms, zone: str) -> bool:
    return received_at is not None and received_at < end_of_day(start, zone, days=-terms.timely_days)
