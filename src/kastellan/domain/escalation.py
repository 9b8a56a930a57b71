"""The clocks that run from a failure to permit maintenance: escalation, right to terminate, suspension (MU-4 to MU-6).

One escalation is one such failure: of Regular Maintenance as a whole, or of one emergency. While the customer permits,
and only our run is missing, no right arises; the suspension lasts until the blocked maintenance has completed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from kastellan.domain.history import Decided, DecisionKind, History, Item, RunEnded
from kastellan.domain.local_time import end_of_day
from kastellan.domain.offers import stopped_by_customer
from kastellan.domain.terms import Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """A failure to permit, and what followed from it.

    Attributes:
        item: the emergency, or the regular item whose month was the last of the row.
        failed_at: instant of the failure, which is that of the escalation and the start of the suspension (MU-4, MU-6).
        resolve_by: first instant at which the vendor may terminate, unless it is resolved (MU-5).
        right_at: when that right arose, or None.
        completed_at: when the blocked maintenance completed, which ends all of it, or None.
        because: the reason, for people.
    """

    item: Item
    failed_at: datetime
    resolve_by: datetime
    right_at: datetime | None
    completed_at: datetime | None
    because: str


def escalated(
    *,
    item: Item,
    failed_at: datetime,
    because: str,
    blocked: "Blocking",
    completed_at: datetime | None,
    terms: Terms,
    zone: str,
    now: datetime,
) -> Escalation:
    """Follow a failure up to `now`."""
    resolve_by = end_of_day(failed_at, zone, days=terms.resolution_days)
    right_at = blocked.first_at(resolve_by)
    if right_at is not None and (right_at > now or (completed_at is not None and completed_at <= right_at)):
        right_at = None
    return Escalation(
        item=item,
        failed_at=failed_at,
        resolve_by=resolve_by,
        right_at=right_at,
        completed_at=completed_at,
        because=because,
    )


@dataclass(frozen=True, slots=True)
class Blocking:
    """When the customer stood in the way: changes in order, each an instant and whether it is so from then on."""

    changes: tuple[tuple[datetime, bool], ...]

    def at(self, instant: datetime) -> bool:
        """Whether the customer stands in the way at an instant."""
        found = False
        for since, blocked in self.changes:
            if since > instant:
                break
            found = blocked
        return found

    def first_at(self, instant: datetime) -> datetime | None:
        """The first instant, `instant` or later, at which the customer stands in the way."""
        if self.at(instant):
            return instant
        return next((since for since, blocked in self.changes if blocked and since > instant), None)


def blocking(history: History, item: Item, *, since: datetime | None = None) -> Blocking:
    """When the customer stood in the way of an emergency, or of Regular Maintenance as a whole.

    Args:
        history: what happened.
        item: the emergency, or any regular item.
        since: from when on the customer is known to stand in the way, whatever was said before; None for consent.
    """
    changes: list[tuple[datetime, bool]] = [] if since is None else [(since, True)]
    changes += ((at, blocked) for at, blocked in _changes(history, item) if since is None or at > since)
    return Blocking(tuple(changes))


def _changes(history: History, item: Item) -> Iterator[tuple[datetime, bool]]:
    for fact in history.facts:
        if not isinstance(fact, Decided | RunEnded) or (fact.item != item and not (fact.item.month and item.month)):
            continue
        if isinstance(fact, RunEnded):
            if stopped_by_customer(fact):
                yield fact.at, True
            continue
        match fact.kind:
            case DecisionKind.DENY:
                yield fact.at, True
            case DecisionKind.PERMIT | DecisionKind.PULL_FORWARD | DecisionKind.DEFER | DecisionKind.WITHDRAW:
                yield fact.at, False
