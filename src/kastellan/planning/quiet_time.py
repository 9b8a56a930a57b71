"""Until when nothing becomes due at an installation, unless its ledger grows or its files change.

A fleet is asked every few minutes, and mostly nothing is due. The answer follows from files, ledger and now; as long as
the first two are the same and no instant has passed at which it may change, it need not be worked out again.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from kastellan.domain.contract import Contract
from kastellan.domain.history import History
from kastellan.domain.interval import Interval
from kastellan.domain.local_time import Month
from kastellan.domain.standing import Standing
from kastellan.planning.run_planning import NotNow

LONGEST = timedelta(hours=6)
"""So long an answer holds at most: what depends on nothing that is looked at here shows within that time."""


def quiet_until(
    installation: str,
    contract: Contract,
    history: History,
    found: Standing,
    windows: Sequence[Interval],
    answer: NotNow,
    now: datetime,
) -> datetime:
    """The first instant (UTC) at which the answer that nothing is due has to be worked out again.

    Args:
        installation: its name, by which the ends of a fleet's quiet times are spread.
        contract: of the installation.
        history: what happened.
        found: its standing at `now`.
        windows: promised windows that end after `now`, ascending.
        answer: that nothing is due at `now`.
        now: the instant (UTC).
    """
    share = int.from_bytes(hashlib.sha256(installation.encode()).digest()[:4]) / 2**32
    longest = now + LONGEST * (0.5 + share / 2)
    changes = _changes(contract, history, found, windows, answer, now)
    return min(longest, min((instant for instant in changes if instant > now), default=longest))


def _changes(
    contract: Contract,
    history: History,
    found: Standing,
    windows: Sequence[Interval],
    answer: NotNow,
    now: datetime,
) -> Iterator[datetime]:
    """Every instant at which something begins, ends or starts to count."""
    if answer.next_start is not None:
        yield answer.next_start
    yield Month.of(now, contract.zone).end(contract.zone)
    for fact in history.facts:
        yield fact.at  # what counts as received later
    for offer in found.offers:
        yield from (offer.start, offer.end)
    for window in windows[:2]:
        yield from (window.start, window.end)
    for emergency in found.emergencies:
        if emergency.received_at is not None:
            yield emergency.received_at + contract.terms.emergency_lead
        if emergency.permit_by is not None:
            yield emergency.permit_by
