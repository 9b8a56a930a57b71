"""Between the store's rows and the values of the domain."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import RowMapping

from kastellan.domain.json_text import JsonText
from kastellan.domain.ledger import LedgerEntry, body_text, utc_instant, utc_text
from kastellan.domain.message import Delivery, DeliveryState, Message


def entry_row(entry: LedgerEntry) -> dict[str, Any]:
    """The row of an entry."""
    return {
        "installation": entry.installation,
        "sequence": entry.sequence,
        "kind": entry.kind,
        "key": entry.key,
        "at": utc_text(entry.at),
        "noticed_at": utc_text(entry.noticed_at),
        "body": body_text(entry),
        "previous": entry.previous,
        "hash": entry.hash,
    }


def entry_of(row: Sequence[Any]) -> LedgerEntry:
    """The entry of a row of `tables.entries`; its body is parsed when somebody looks into it."""
    installation, sequence, kind, key, at, noticed_at, body, previous, entry_hash = row
    return LedgerEntry(
        installation=installation,
        sequence=sequence,
        kind=kind,
        key=key,
        at=utc_instant(at),
        noticed_at=utc_instant(noticed_at),
        body=JsonText(body),
        previous=previous,
        hash=entry_hash,
    )


def delivery_row(delivery: Delivery) -> dict[str, Any]:
    """The row of a message on its way."""
    return {
        "installation": delivery.installation,
        "key": delivery.message.key,
        "channel": delivery.message.channel,
        "subject": delivery.message.subject,
        "text": delivery.message.text,
        "queued_at": utc_text(delivery.queued_at),
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "not_before": utc_text(delivery.not_before),
    }


def delivery_of(row: RowMapping) -> Delivery:
    """The message on its way of a row."""
    return Delivery(
        installation=row["installation"],
        message=Message(key=row["key"], channel=row["channel"], subject=row["subject"], text=row["text"]),
        queued_at=utc_instant(row["queued_at"]),
        state=DeliveryState(row["state"]),
        attempts=row["attempts"],
        not_before=utc_instant(row["not_before"]),
    )
