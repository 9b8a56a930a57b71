"""What a calendar month counts for in MU-4: permitted, denied, or neutral.

Reading of the terms: a month counts as denied when at least one window was offered in time, none completed, and each
that did not run was denied by the customer or stopped by a blocker on the customer's side. Everything else that did not
complete is neutral, and a neutral month interrupts the row: our own omission never counts against the customer.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from kastellan.domain.history import Enrolled, History, RunEnded, Verdict
from kastellan.domain.local_time import Month
from kastellan.domain.offers import Offer


class MonthState(StrEnum):
    """How a month counts."""

    OPEN = "open"
    """Not over: a window of it may still run."""
    COMPLETED = "completed"
    DENIED = "denied"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthRecord:
    """One calendar month of the contract's zone.

    Attributes:
        month: which.
        state: how it counts.
        closes_at: when that is final: the month's end, or that of its last offered window where it lasts longer.
        denied_in_row: denied months in a row, this one included.
        because: the reason, for people.
    """

    month: Month
    state: MonthState
    closes_at: datetime
    denied_in_row: int
    because: str


def completions(history: History) -> tuple[RunEnded, ...]:
    """Runs of Regular Maintenance that passed."""
    return tuple(run for run in history.of(RunEnded) if run.item.month and run.verdict is Verdict.PASSED)


def month_records(history: History, offered: Iterable[Offer], zone: str, now: datetime) -> tuple[MonthRecord, ...]:
    """Every month from enrolment to `now`, in order; those before enrolment are nobody's."""
    first = next(history.of(Enrolled), None)
    if first is None:
        return ()
    by_month = {
        month: tuple(group)
        for month, group in groupby(
            sorted((offer for offer in offered if offer.item.month), key=lambda offer: offer.item),
            key=lambda offer: offer.item.month,
        )
    }
    completed = {run.item.month: run for run in completions(history)}
    return tuple(_records(Month.of(first.at, zone), by_month, completed, zone, now))


def _records(
    month: Month,
    by_month: dict[Month | None, tuple[Offer, ...]],
    completed: dict[Month | None, RunEnded],
    zone: str,
    now: datetime,
) -> Iterator[MonthRecord]:
    row = 0
    while month.start(zone) <= now:
        offered = by_month.get(month, ())
        closes_at = max([month.end(zone), *(offer.end for offer in offered if not offer.moved)])
        state, because = _state(offered, month in completed, over=now >= closes_at)
        if state is not MonthState.OPEN:
            row = row + 1 if state is MonthState.DENIED else 0
        yield MonthRecord(month=month, state=state, closes_at=closes_at, denied_in_row=row, because=because)
        month = month.shifted(1)


def _state(offered: tuple[Offer, ...], completed: bool, *, over: bool) -> tuple[MonthState, str]:
    if completed:
        return MonthState.COMPLETED, "its maintenance completed"
    if not over:
        return MonthState.OPEN, "it is not over"
    stood = [offer for offer in offered if not offer.moved]
    if not any(offer.in_time for offer in stood):
        return MonthState.NEUTRAL, "no window was offered in time"
    if all(offer.failed_by_customer for offer in stood):
        return MonthState.DENIED, "every offered window was denied or stopped on the customer's side"
    return (
        MonthState.NEUTRAL,
        "an offered window was not denied and did not complete, not for a cause of the customer's",
    )
