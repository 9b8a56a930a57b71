"""Sends what is queued, and records what became of it.

An attempt is noted before it begins. If nothing is heard of it again, the next tick begins another: the reader may get
the notice twice, which the record then says, but never not at all.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kastellan.domain.errors import ConflictError, KastellanError, TemporaryError
from kastellan.domain.history import Item, NoticeReceived
from kastellan.domain.history_record import draft
from kastellan.domain.ledger import Draft, Json, LedgerEntry, utc_instant
from kastellan.domain.message import Delivery, DeliveryState
from kastellan.domain.terms import Terms
from kastellan.execution.tick import read_ledger
from kastellan.ports.notifier import Notifier, Receipt
from kastellan.ports.store import Store

MOST_ATTEMPTS = 12
"""With the pauses below, the last one is more than two days after the first."""
_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(hours=12)
_STARTS_A_CLOCK = ("window-offered/", "emergency-opened/")
"""Keys of the entries whose notice starts a clock when it is received (MU-3, MU-4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one message: its delivery, and the reason where it did not get through."""

    delivery: Delivery
    problem: str = ""


def deliver_due(store: Store, notifier: Notifier, installation: str, terms: Terms, now: datetime) -> Iterator[Outcome]:
    """Send every message of an installation that is due; yields each as it ends.

    Args:
        store: where the messages are.
        notifier: the way out.
        installation: whose messages.
        terms: when an unconfirmed notice counts as received.
        now: one instant for the whole round (UTC).
    """
    for queued in store.due_deliveries(installation, now):
        begun = store.begin_delivery(queued, retry_at=now + _pause(queued.attempts))
        if begun is not None:  # else another process sends it
            yield _attempt(store, notifier, begun, queued, terms, now)


def _attempt(
    store: Store, notifier: Notifier, begun: Delivery, before: Delivery, terms: Terms, now: datetime
) -> Outcome:
    try:
        receipt = notifier.send(begun.message)
    except KastellanError as problem:
        if isinstance(problem, TemporaryError) and begun.attempts < MOST_ATTEMPTS:
            return Outcome(delivery=begun, problem=problem.message)
        failed = replace(begun, state=DeliveryState.FAILED)
        body: dict[str, Json] = {
            "channel": begun.message.channel,
            "problem": problem.message,
            "attempts": begun.attempts,
        }
        draft_of_it = Draft(kind="notice-failed", key=f"notice-failed/{begun.message.key}", at=now, body=body)
        _finish(store, failed, [draft_of_it], now)
        return Outcome(delivery=failed, problem=problem.message)
    delivered = replace(begun, state=DeliveryState.DELIVERED)
    _finish(store, delivered, _delivered(store, delivered, before, receipt, terms, now), now)
    return Outcome(delivery=delivered)


def _delivered(
    store: Store, delivery: Delivery, before: Delivery, receipt: Receipt, terms: Terms, now: datetime
) -> list[Draft]:
    body: dict[str, Json] = {
        "channel": delivery.message.channel,
        "attempts": delivery.attempts,
        "confirmed": receipt.confirms_delivery,
        # An attempt before this one ended without a word: it may have got through, too.
        "possibleDuplicate": before.state is DeliveryState.SENDING,
        "reference": receipt.reference,
    }
    drafts = [Draft(kind="notice-delivered", key=f"notice-delivered/{delivery.message.key}", at=now, body=body)]
    if delivery.message.key.startswith(_STARTS_A_CLOCK):
        received_at = now if receipt.confirms_delivery else now + terms.receipt_without_confirmation
        drafts += [draft(_received(entry, received_at)) for entry in _cause(store, delivery)]
    return drafts


def _cause(store: Store, delivery: Delivery) -> Iterator[LedgerEntry]:
    """The entry that the message is about."""
    key = delivery.message.key.rpartition("/")[0]
    return (entry for entry in store.entries(delivery.installation) if entry.key == key)


def _received(entry: LedgerEntry, at: datetime) -> NoticeReceived:
    start = entry.body.get("start")
    return NoticeReceived(at=at, item=Item(str(entry.body["item"])), start=utc_instant(str(start)) if start else None)


def _finish(store: Store, delivery: Delivery, drafts: list[Draft], now: datetime) -> None:
    """Record the end of an attempt, whoever else records at the same time: it depends on nothing that they wrote."""
    while True:
        seen = read_ledger(store, delivery.installation).seen
        try:
            store.append(delivery.installation, drafts, seen=seen, noticed_at=now, finishes=delivery)
        except ConflictError:
            continue
        return


def _pause(attempts: int) -> timedelta:
    return min(_FIRST_PAUSE * (1 << min(attempts, 20)), _LONGEST_PAUSE)
