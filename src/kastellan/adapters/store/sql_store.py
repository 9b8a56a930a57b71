"""The store in a SQL database: `ports.store.Store` on SQLAlchemy."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update

from kastellan.adapters.store.rows import delivery_of, delivery_row, entry_of, entry_row
from kastellan.adapters.store.tables import chain_heads, checkpoints, deliveries, entries
from kastellan.adapters.store.translation import translated
from kastellan.domain.errors import ConflictError, StuckError
from kastellan.domain.ledger import (
    CLOCK_TOLERANCE,
    GENESIS,
    Draft,
    LedgerEntry,
    chained,
    entry_hash,
    utc_instant,
    utc_text,
)
from kastellan.domain.message import Delivery, DeliveryState, Message
from kastellan.ports.store import Checkpoint

WRITES = {"kastellan_writes": True}
"""Execution options of a transaction that writes."""


class SqlStore:
    """Implements `ports.store.Store`; made by `opening.open_store`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def installations(self) -> tuple[str, ...]:
        """See the port."""
        with self._reading("listing installations") as connection:
            found = connection.execute(select(chain_heads.c.installation).where(chain_heads.c.sequence > 0))
            return tuple(sorted(found.scalars()))

    def entries(self, installation: str) -> tuple[LedgerEntry, ...]:
        """See the port."""
        query = select(entries).where(entries.c.installation == installation).order_by(entries.c.sequence)
        with self._reading(f"reading the ledger of {installation}") as connection:
            return tuple(entry_of(row) for row in connection.execute(query).mappings())

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
        with self._writing(f"recording for {installation}") as connection:
            last = _locked_head(connection, installation)
            noticed_at = _in_order(installation, last, seen, noticed_at)
            new = []
            known = _known(connection, entries, installation, [draft.key for draft in drafts])
            for draft in drafts:
                if draft.key in known:
                    continue
                known.add(draft.key)
                last = chained(installation, draft, noticed_at=noticed_at, after=last)
                new.append(last)
            if new:
                connection.execute(insert(entries), [entry_row(entry) for entry in new])
                head = update(chain_heads).where(chain_heads.c.installation == installation)
                connection.execute(head.values(sequence=new[-1].sequence, hash=new[-1].hash))
            _queue(connection, installation, messages, noticed_at)
            if finishes is not None:
                connection.execute(_delivery_update(finishes).values(delivery_row(finishes)))
            return tuple(new)

    def due_deliveries(self, now: datetime) -> tuple[Delivery, ...]:
        """See the port."""
        open_states = [DeliveryState.QUEUED.value, DeliveryState.SENDING.value]
        query = (
            select(deliveries)
            .where(deliveries.c.state.in_(open_states), deliveries.c.not_before <= utc_text(now))
            .order_by(deliveries.c.number)
        )
        with self._reading("looking for messages to send") as connection:
            return tuple(delivery_of(row) for row in connection.execute(query).mappings())

    def deliveries(self, installation: str) -> tuple[Delivery, ...]:
        """See the port."""
        query = select(deliveries).where(deliveries.c.installation == installation).order_by(deliveries.c.number)
        with self._reading(f"reading the messages of {installation}") as connection:
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
        with self._writing(f"beginning a delivery for {delivery.installation}") as connection:
            # Its attempts are its version: of two that begin at once, the second finds no row.
            same = _delivery_update(delivery).where(deliveries.c.attempts == delivery.attempts)
            changed = connection.execute(same.values(delivery_row(begun)))
            return begun if changed.rowcount == 1 else None

    def checkpoints(self, installation: str) -> tuple[Checkpoint, ...]:
        """See the port."""
        query = select(checkpoints).where(checkpoints.c.installation == installation).order_by(checkpoints.c.sequence)
        with self._reading(f"reading the checkpoints of {installation}") as connection:
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
        with self._writing(f"keeping a checkpoint of {checkpoint.installation}") as connection:
            _locked_head(connection, checkpoint.installation)
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

    @contextmanager
    def _reading(self, operation: str) -> Iterator[Connection]:
        with translated(operation), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def _writing(self, operation: str) -> Iterator[Connection]:
        engine = self._engine.execution_options(**WRITES)
        with translated(operation), engine.connect() as connection, connection.begin():
            yield connection


def _locked_head(connection: Connection, installation: str) -> LedgerEntry | None:
    """The last entry, with the chain locked until the transaction ends."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as upsert
    else:
        from sqlalchemy.dialects.sqlite import insert as upsert  # type: ignore[assignment]
    first = {"installation": installation, "sequence": 0, "hash": GENESIS}
    connection.execute(upsert(chain_heads).values(first).on_conflict_do_nothing())
    query = select(chain_heads).where(chain_heads.c.installation == installation).with_for_update()
    head = connection.execute(query).mappings().one()
    if head["sequence"] == 0:
        return None
    at_head = (entries.c.installation == installation, entries.c.sequence == head["sequence"])
    row = connection.execute(select(entries).where(*at_head)).mappings().first()
    last = entry_of(row) if row else None
    if last is None or last.hash != head["hash"] or entry_hash(last) != last.hash:
        raise StuckError(
            f"the ledger of {installation} is broken at its end (entry {head['sequence']}); nothing was recorded",
            remediation="run `kastellan ledger verify`, and restore the store from a backup",
        )
    return last


def _in_order(installation: str, last: LedgerEntry | None, seen: int, noticed_at: datetime) -> datetime:
    """The instant at which something counts as noticed, never before the last entry's."""
    sequence = last.sequence if last else 0
    if sequence != seen:
        raise ConflictError(
            f"the ledger of {installation} has grown to {sequence} since it was read at {seen}; nothing was recorded",
            remediation="repeat the command: it reads and decides again",
        )
    if last is None or noticed_at >= last.noticed_at:
        return noticed_at
    if last.noticed_at - noticed_at > CLOCK_TOLERANCE:
        raise StuckError(
            f"the clock says {utc_text(noticed_at)}, but the ledger of {installation} was written at "
            f"{utc_text(last.noticed_at)}; nothing was recorded",
            remediation="set the machine's clock right",
        )
    return last.noticed_at


def _known(connection: Connection, table: Any, installation: str, keys: Sequence[str]) -> set[str]:
    """Those of the keys that are there already."""
    found: set[str] = set()
    for begin in range(0, len(keys), 500):  # SQLite takes a limited number of parameters
        some = keys[begin : begin + 500]
        query = select(table.c.key).where(table.c.installation == installation, table.c.key.in_(some))
        found.update(connection.execute(query).scalars())
    return found


def _queue(connection: Connection, installation: str, messages: Sequence[Message], now: datetime) -> None:
    known = _known(connection, deliveries, installation, [message.key for message in messages])
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
