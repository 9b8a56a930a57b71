"""Where an installation stands under MU-2 and MU-4 to MU-6, computed from what happened: the automaton of the clocks.

`standing` is a pure function of terms, history and now. It stores nothing, so a customer who has the history computes
the same dates, and it may be asked about any past instant with `history.until(instant)`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from dateutil.relativedelta import relativedelta

from kastellan.domain.contract import Contract
from kastellan.domain.escalation import Escalation, blocking, escalated
from kastellan.domain.history import (
    EmergencyOpened,
    Enrolled,
    History,
    Item,
    NoticeReceived,
    RunEnded,
    TerminationNoticed,
    TerminationWithdrawn,
    Verdict,
)
from kastellan.domain.local_time import end_of_day, local_day, midnight
from kastellan.domain.month_record import MonthRecord, MonthState, completions, month_records
from kastellan.domain.offers import Offer, offers
from kastellan.domain.party import Party
from kastellan.domain.release import ReleaseClass
from kastellan.domain.version import Version

QUARTER = relativedelta(months=3)
"""Between two completed Regular Maintenances lie at most three calendar months (MU-2)."""


class State(StrEnum):
    """The customer's position under MU-4 and MU-5."""

    NORMAL = "normal"
    DENYING = "denying"
    """One denied month or more in a row, fewer than are escalated."""
    ESCALATED = "escalated"
    TERMINATION_RIGHT = "termination right"
    NOTICE_GIVEN = "notice given"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """One emergency and its clock.

    Attributes:
        item: which.
        version: the release that it brings.
        release_class: why it is urgent.
        opened_at: since when it is known.
        received_at: when its notice counts as received, which starts the clock; None where it does not yet.
        permit_by: first instant at which not permitting it is a failure (MU-4), or None.
        completed_at: when a release that contains it was brought, or None.
    """

    item: Item
    version: Version
    release_class: ReleaseClass
    opened_at: datetime
    received_at: datetime | None
    permit_by: datetime | None
    completed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """A time in which neither service level nor liability is owed (MU-6); half-open, UTC, no end while it goes on."""

    since: datetime
    until: datetime | None
    item: Item
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """The quarterly promise between two completed Regular Maintenances (MU-2).

    Attributes:
        last_completed_at: the Regular Maintenance that passed, or enrolment before the first.
        due_by: first instant at which the promise is broken.
        missed_for: on whose side the cause of a broken promise lies; None while it is kept.
    """

    last_completed_at: datetime
    due_by: datetime
    missed_for: Party | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The whole position of an installation at one instant."""

    state: State
    months: tuple[MonthRecord, ...]
    emergencies: tuple[Emergency, ...]
    escalations: tuple[Escalation, ...]
    suspensions: tuple[Suspension, ...]
    cadences: tuple[Cadence, ...]
    offers: tuple[Offer, ...]
    ends_at: datetime | None

    @property
    def cadence(self) -> Cadence | None:
        """The time since the last completion; None before the installation is enrolled."""
        return self.cadences[-1] if self.cadences else None

    @property
    def suspended(self) -> bool:
        """Whether service level and liability are suspended now."""
        return any(suspension.until is None for suspension in self.suspensions)

    @property
    def denied_in_row(self) -> int:
        """Denied months in a row, up to the last month that is over."""
        closed = [record for record in self.months if record.state is not MonthState.OPEN]
        return closed[-1].denied_in_row if closed else 0


def standing(contract: Contract, history: History, now: datetime) -> Standing:
    """The position at `now` (UTC); facts after it are left out."""
    history = history.until(now)
    offered = offers(history, contract.terms, contract.zone)
    months = month_records(history, offered, contract.zone, now)
    emergencies = tuple(_emergencies(contract, history))
    found = sorted(
        (*_regular(contract, history, months, now), *_urgent(contract, history, emergencies, now)),
        key=lambda escalation: (escalation.failed_at, escalation.item),
    )
    noticed_at = _notice(history)
    ends_at = end_of_day(noticed_at, contract.zone, days=contract.terms.termination_days) if noticed_at else None
    result = Standing(
        state=State.NORMAL,
        months=months,
        emergencies=emergencies,
        escalations=tuple(found),
        suspensions=tuple(
            Suspension(since=one.failed_at, until=one.completed_at, item=one.item, because=one.because) for one in found
        ),
        cadences=tuple(_cadences(contract, history, offered, now)),
        offers=offered,
        ends_at=ends_at,
    )
    return replace(result, state=_state(result, now))


def _state(found: Standing, now: datetime) -> State:
    open_ones = [escalation for escalation in found.escalations if escalation.completed_at is None]
    if found.ends_at is not None:
        return State.ENDED if now >= found.ends_at else State.NOTICE_GIVEN
    if any(escalation.right_at for escalation in open_ones):
        return State.TERMINATION_RIGHT
    if open_ones:
        return State.ESCALATED
    return State.DENYING if found.denied_in_row else State.NORMAL


def _notice(history: History) -> datetime | None:
    noticed_at = None
    for fact in history.facts:
        if isinstance(fact, TerminationNoticed):
            noticed_at = fact.at
        elif isinstance(fact, TerminationWithdrawn):
            noticed_at = None
    return noticed_at


def _regular(
    contract: Contract, history: History, months: Sequence[MonthRecord], now: datetime
) -> Iterator[Escalation]:
    """A row of denied months that is long enough fails once; the next failure needs a completion between them."""
    completed = [run.at for run in completions(history)]
    free_from: datetime | None = None
    for record in months:
        if record.state is not MonthState.DENIED or record.denied_in_row < contract.terms.denied_months:
            continue
        if free_from is not None and record.closes_at < free_from:
            continue
        item = Item.regular(record.month)
        completed_at = next((at for at in completed if at >= record.closes_at), None)
        yield escalated(
            item=item,
            failed_at=record.closes_at,
            because=f"{record.denied_in_row} months in a row up to {record.month} were denied",
            blocked=blocking(history, item, since=record.closes_at),
            completed_at=completed_at,
            terms=contract.terms,
            zone=contract.zone,
            now=now,
        )
        if completed_at is None:
            return
        free_from = completed_at


def _emergencies(contract: Contract, history: History) -> Iterator[Emergency]:
    received: dict[Item, datetime] = {}
    for notice in history.of(NoticeReceived):
        received.setdefault(notice.item, notice.at)
    passed = [run for run in history.of(RunEnded) if run.verdict is Verdict.PASSED]
    for opened in history.of(EmergencyOpened):
        received_at = received.get(opened.item)
        version = opened.item.version
        if version is None:
            continue  # no such item can be opened as an emergency
        yield Emergency(
            item=opened.item,
            version=version,
            release_class=opened.release_class,
            opened_at=opened.at,
            received_at=received_at,
            permit_by=end_of_day(received_at, contract.zone, days=contract.terms.emergency_days)
            if received_at
            else None,
            # A release that supersedes it ends it, too, whatever kind of maintenance brought it.
            completed_at=next((run.at for run in passed if run.version >= version and run.at >= opened.at), None),
        )


def _urgent(
    contract: Contract, history: History, emergencies: Sequence[Emergency], now: datetime
) -> Iterator[Escalation]:
    for emergency in emergencies:
        if emergency.permit_by is None:
            continue
        blocked = blocking(history, emergency.item)
        failed_at = blocked.first_at(emergency.permit_by)
        if failed_at is None or failed_at > now:
            continue
        if emergency.completed_at is not None and emergency.completed_at <= failed_at:
            continue
        yield escalated(
            item=emergency.item,
            failed_at=failed_at,
            because=f"it was not permitted within {contract.terms.emergency_days} days of its notice",
            blocked=blocked,
            completed_at=emergency.completed_at,
            terms=contract.terms,
            zone=contract.zone,
            now=now,
        )


def _cadences(contract: Contract, history: History, offered: Sequence[Offer], now: datetime) -> Iterator[Cadence]:
    """One for each time between two completions, the last one running."""
    enrolled = next(history.of(Enrolled), None)
    if enrolled is None:
        return
    begins = [enrolled.at, *(run.at for run in completions(history))]
    for begin, end in zip(begins, [*begins[1:], now], strict=True):
        due_by = midnight(local_day(begin, contract.zone) + QUARTER + relativedelta(days=1), contract.zone)
        missed_for = None
        if end >= due_by:
            since = [offer for offer in offered if offer.item.month and begin < offer.start < due_by and offer.in_time]
            blocked = bool(since) and all(offer.failed_by_customer for offer in since)
            missed_for = Party.CUSTOMER if blocked else Party.VENDOR
        yield Cadence(last_completed_at=begin, due_by=due_by, missed_for=missed_for)
