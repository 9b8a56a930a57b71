"""Between the store's rows and the values of the domain."""

import json
from typing import Any

import rfc8785
from sqlalchemy import RowMapping

from kastellan.domain.ledger import LedgerEntry, utc_instant, utc_text
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
        "body": rfc8785.dumps(entry.body).decode(),
        "previous": entry.previous,
        "hash": entry.hash,
    }


def entry_of(row: RowMapping) -> LedgerEntry:
    """The entry of a row."""
    instants = {name: utc_instant(row[name]) for name in ("at", "noticed_at")}
    return LedgerEntry(**{**row, **instants, "body": json.loads(row["body"])})


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
