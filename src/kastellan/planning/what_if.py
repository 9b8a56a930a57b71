"""If the customer denies this, then …: the dates that would follow, shown before a denial is recorded (MU-4 to MU-6).

It is no estimate: the automaton of the clocks is asked about a future in which the customer goes on denying every
window in time, and nothing else happens.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kastellan.domain.contract import Contract
from kastellan.domain.history import (
    Decided,
    DecisionKind,
    Fact,
    History,
    Item,
    NoticeReceived,
    RunEnded,
    Verdict,
    WindowOffered,
)
from kastellan.domain.interval import Interval
from kastellan.domain.local_time import Month
from kastellan.domain.month_record import MonthState
from kastellan.domain.party import Party
from kastellan.domain.standing import Standing, standing
from kastellan.domain.version import Version
from kastellan.planning.pending_update import admissible


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """One thing that would follow, and when (UTC)."""

    at: datetime
    what: str
    clause: str


def if_denied(
    contract: Contract, history: History, decided: Decided, windows: Sequence[Interval]
) -> tuple[Consequence, ...]:
    """What follows from a denial, were the customer to deny everything after it, too; ascending.

    Args:
        contract: of the installation.
        history: what happened so far.
        decided: the denial, not recorded; in a window that has begun, one before the installation is changed.
        windows: maintenance windows from now on.
    """
    future = history.with_fact(decided, *_stopped(decided), *_further_denials(contract, decided, windows))
    end = max((window.end for window in windows), default=decided.at) + timedelta(days=60)
    before, after = standing(contract, history, end), standing(contract, future, end)
    known = {escalation.item for escalation in before.escalations}
    found = [
        *_months(before, after),
        *(one for one in _escalations(after, contract) if one[0] not in known),
    ]
    return tuple(sorted((consequence for _, consequence in found), key=lambda consequence: consequence.at))


def _stopped(decided: Decided) -> Iterator[Fact]:
    """The end of the run in a window that has begun: stopped on the customer's side, before it changed anything."""
    if decided.start is not None and decided.at >= decided.start:
        yield RunEnded(
            at=decided.at,
            item=decided.item,
            verdict=Verdict.BLOCKED,
            attribution=Party.CUSTOMER,
            start=decided.start,
            version=Version(0, 0),
        )


def _further_denials(contract: Contract, decided: Decided, windows: Sequence[Interval]) -> Iterator[Fact]:
    """One offered window in each later month, denied at once; for an emergency nothing more needs to happen."""
    if decided.item.month is None:
        return
    seen = {decided.item.month}
    for window in admissible(windows):
        month = Month.of(window.start, contract.zone)
        if month in seen or month < decided.item.month:
            continue
        seen.add(month)
        item = Item.regular(month)
        told = window.start - timedelta(days=contract.terms.offer_days)
        yield WindowOffered(at=told, item=item, start=window.start, end=window.end, version=Version(0, 0))
        yield NoticeReceived(at=told, item=item, start=window.start)
        yield Decided(
            at=max(told, decided.at),
            item=item,
            kind=DecisionKind.DENY,
            start=window.start,
            who=decided.who,
            channel=decided.channel,
            reason="as before",
        )


def _months(before: Standing, after: Standing) -> Iterator[tuple[Item, Consequence]]:
    was = {record.month: record.state for record in before.months}
    for record in after.months:
        if record.state is MonthState.DENIED and was.get(record.month) is not MonthState.DENIED:
            row = f"{record.denied_in_row} in a row"
            what = f"{record.month} counts as denied ({row})"
            yield Item.regular(record.month), Consequence(at=record.closes_at, what=what, clause="MU-4")
            if after.escalations and record.closes_at >= after.escalations[-1].failed_at:
                return


def _escalations(after: Standing, contract: Contract) -> Iterator[tuple[Item, Consequence]]:
    for one in after.escalations:
        yield one.item, Consequence(at=one.failed_at, what=f"escalation: {one.because}", clause="MU-4")
        yield (
            one.item,
            Consequence(at=one.failed_at, what="service level and liability are suspended", clause="MU-6"),
        )
        if one.right_at:
            notice = f"the vendor may terminate with {contract.terms.termination_days} days' written notice"
            yield one.item, Consequence(at=one.right_at, what=notice, clause="MU-5")
