"""The store in a SQL database: `ports.store.Store` on SQLAlchemy."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from kastellan.adapters.store.chain import as_seen, in_order, known_keys, lengthen, locked_head
from kastellan.adapters.store.rows import delivery_of, delivery_row, entry_of
from kastellan.adapters.store.sql_journal import SqlJournal
from kastellan.adapters.store.sql_leases import SqlLeases
from kastellan.adapters.store.sql_quiet_times import SqlQuietTimes
from kastellan.adapters.store.tables import chain_heads, checkpoints, deliveries, entries
from kastellan.adapters.store.transactions import Transactions
from kastellan.domain.errors import StuckError
from kastellan.domain.ledger import GENESIS, Draft, LedgerEntry, utc_instant, utc_text
from kastellan.domain.message import Delivery, DeliveryState, Message
from kastellan.ports.store import Checkpoint


class SqlStore:
    """Implements `ports.store.Store`; made by `opening.open_store`.

    Attributes:
        journal: the runs in the same database.
        leases: the leases in it.
        quiet_times: what was worked out about installations where nothing is due.
    """

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self.journal = SqlJournal(transactions)
        self.leases = SqlLeases(transactions)
        self.quiet_times = SqlQuietTimes(transactions)

    def installations(self) -> tuple[str, ...]:
        """See the port."""
        with self._transactions.reading("listing installations") as connection:
            found = connection.execute(select(chain_heads.c.installation).where(chain_heads.c.sequence > 0))
            return tuple(sorted(found.scalars()))

    def entries(self, installation: str) -> tuple[LedgerEntry, ...]:
        """See the port."""
        query = select(entries).where(entries.c.installation == installation).order_by(entries.c.sequence)
        with self._transactions.reading(f"reading the ledger of {installation}") as connection:
            return tuple(map(entry_of, connection.execute(query).all()))  # one call of the driver, not one a row

    def head(self, installation: str) -> tuple[int, str]:
        """See the port."""
        query = select(chain_heads.c.sequence, chain_heads.c.hash).where(chain_heads.c.installation == installation)
        with self._transactions.reading(f"reading the head of {installation}") as connection:
            row = connection.execute(query).first()
            return (row.sequence, row.hash) if row else (0, GENESIS)

    def heads(self) -> Mapping[str, tuple[int, str]]:
        """See the port."""
        with self._transactions.reading("reading the heads of all ledgers") as connection:
            rows = connection.execute(select(chain_heads))
            return {row.installation: (row.sequence, row.hash) for row in rows}

    def append(
        self,
        installation: str,
        drafts: Sequence[Draft],
        *,
        seen: int,
        noticed_at: datetime,
        messages: Sequence[Message] = (),
        finishes: Delivery | None = None,
    ) -> tuple[LedgerEntry, ...]:
        """See the port."""
        with self._transactions.writing(f"recording for {installation}") as connection:
            last = locked_head(connection, installation)
            as_seen(installation, last, seen)
            noticed_at = in_order(installation, last, noticed_at)
            new = lengthen(connection, installation, last, drafts, noticed_at)
            _queue(connection, installation, messages, noticed_at)
            if finishes is not None:
                connection.execute(_delivery_update(finishes).values(delivery_row(finishes)))
            return new

    def due_deliveries(self, installation: str, now: datetime) -> tuple[Delivery, ...]:
        """See the port."""
        open_states = [DeliveryState.QUEUED.value, DeliveryState.SENDING.value]
        query = (
            select(deliveries)
            .where(
                deliveries.c.installation == installation,
                deliveries.c.state.in_(open_states),
                deliveries.c.not_before <= utc_text(now),
            )
            .order_by(deliveries.c.number)
        )
        with self._transactions.reading(f"looking for messages of {installation}") as connection:
            return tuple(delivery_of(row) for row in connection.execute(query).mappings())

    def deliveries(self, installation: str) -> tuple[Delivery, ...]:
        """See the port."""
        query = select(deliveries).where(deliveries.c.installation == installation).order_by(deliveries.c.number)
        with self._transactions.reading(f"reading the messages of {installation}") as connection:
            return tuple(delivery_of(row) for row in connection.execute(query).mappings())

    def begin_delivery(self, delivery: Delivery, *, retry_at: datetime) -> Delivery | None:
        """See the port."""
        begun = Delivery(
            installation=delivery.installation,
            message=delivery.message,
            queued_at=delivery.queued_at,
            state=DeliveryState.SENDING,
            attempts=delivery.attempts + 1,
            not_before=retry_at,
        )
        with self._transactions.writing(f"beginning a delivery for {delivery.installation}") as connection:
            # Its attempts are its version: of two that begin at once, the second finds no row.
            same = _delivery_update(delivery).where(deliveries.c.attempts == delivery.attempts)
            changed = connection.execute(same.values(delivery_row(begun)))
            return begun if changed.rowcount == 1 else None

    def checkpoints(self, installation: str) -> tuple[Checkpoint, ...]:
        """See the port."""
        query = select(checkpoints).where(checkpoints.c.installation == installation).order_by(checkpoints.c.sequence)
        with self._transactions.reading(f"reading the checkpoints of {installation}") as connection:
            rows = connection.execute(query).mappings()
            return tuple(Checkpoint(**{**row, "at": utc_instant(row["at"])}) for row in rows)

    def add_checkpoint(self, checkpoint: Checkpoint) -> None:
        """See the port."""
        row = {
            "installation": checkpoint.installation,
            "sequence": checkpoint.sequence,
            "hash": checkpoint.hash,
            "at": utc_text(checkpoint.at),
            "key_id": checkpoint.key_id,
            "signature": checkpoint.signature,
        }
        with self._transactions.writing(f"keeping a checkpoint of {checkpoint.installation}") as connection:
            locked_head(connection, checkpoint.installation)
            at_it = (entries.c.installation == checkpoint.installation, entries.c.sequence == checkpoint.sequence)
            found = connection.execute(select(entries.c.hash).where(*at_it)).scalar()
            if found != checkpoint.hash:
                raise StuckError(
                    f"the checkpoint of {checkpoint.installation} at {checkpoint.sequence} contradicts the ledger",
                    remediation="run `kastellan ledger verify`, and keep both; a person has to look",
                )
            same = (
                checkpoints.c.installation == checkpoint.installation,
                checkpoints.c.sequence == checkpoint.sequence,
                checkpoints.c.key_id == checkpoint.key_id,
            )
            if connection.execute(select(checkpoints.c.hash).where(*same)).scalar() is None:
                connection.execute(insert(checkpoints).values(row))


def _queue(connection: Connection, installation: str, messages: Sequence[Message], now: datetime) -> None:
    known = known_keys(connection, deliveries, installation, [message.key for message in messages])
    rows = []
    for message in messages:
        if message.key in known:
            continue
        known.add(message.key)
        queued = Delivery(
            installation=installation,
            message=message,
            queued_at=now,
            state=DeliveryState.QUEUED,
            attempts=0,
            not_before=now,
        )
        rows.append(delivery_row(queued))
    if rows:
        connection.execute(insert(deliveries), rows)


def _delivery_update(delivery: Delivery) -> Any:
    return update(deliveries).where(
        deliveries.c.installation == delivery.installation, deliveries.c.key == delivery.message.key
    )
