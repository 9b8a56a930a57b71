"""Lengthening the hash chain of one installation inside a transaction that somebody else opened."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from kastellan.adapters.store.rows import entry_of, entry_row
from kastellan.adapters.store.tables import chain_heads, entries
from kastellan.adapters.store.transactions import upsert_of
from kastellan.domain.errors import ConflictError, StuckError
from kastellan.domain.ledger import CLOCK_TOLERANCE, GENESIS, Draft, LedgerEntry, chained, entry_hash, utc_text


def locked_head(connection: Connection, installation: str) -> LedgerEntry | None:
    """The last entry, with the chain locked until the transaction ends.

    Raises:
        StuckError: the last entry is not as it was written.
    """
    first = {"installation": installation, "sequence": 0, "hash": GENESIS}
    connection.execute(upsert_of(connection)(chain_heads).values(first).on_conflict_do_nothing())
    query = select(chain_heads).where(chain_heads.c.installation == installation).with_for_update()
    head = connection.execute(query).mappings().one()
    if head["sequence"] == 0:
        return None
    at_head = (entries.c.installation == installation, entries.c.sequence == head["sequence"])
    row = connection.execute(select(entries).where(*at_head)).first()
    last = entry_of(row) if row else None
    if last is None or last.hash != head["hash"] or entry_hash(last) != last.hash:
        raise StuckError(
            f"the ledger of {installation} is broken at its end (entry {head['sequence']}); nothing was recorded",
            remediation="run `kastellan ledger verify`, and restore the store from a backup",
        )
    return last


def as_seen(installation: str, last: LedgerEntry | None, seen: int) -> None:
    """Make sure that nothing was recorded since somebody looked.

    Raises:
        ConflictError: something was.
    """
    sequence = last.sequence if last else 0
    if sequence != seen:
        raise ConflictError(
            f"the ledger of {installation} has grown to {sequence} since it was read at {seen}; nothing was recorded",
            remediation="repeat the command: it reads and decides again",
        )


def in_order(installation: str, last: LedgerEntry | None, noticed_at: datetime) -> datetime:
    """The instant at which something counts as noticed, never before the last entry's.

    Raises:
        StuckError: the clock was set back.
    """
    if last is None or noticed_at >= last.noticed_at:
        return noticed_at
    if last.noticed_at - noticed_at > CLOCK_TOLERANCE:
        raise StuckError(
            f"the clock says {utc_text(noticed_at)}, but the ledger of {installation} was written at "
            f"{utc_text(last.noticed_at)}; nothing was recorded",
            remediation="set the machine's clock right",
        )
    return last.noticed_at


def lengthen(
    connection: Connection,
    installation: str,
    last: LedgerEntry | None,
    drafts: Sequence[Draft],
    noticed_at: datetime,
) -> tuple[LedgerEntry, ...]:
    """Record what is not recorded yet behind the locked head; returns the new entries."""
    new: list[LedgerEntry] = []
    known = known_keys(connection, entries, installation, [draft.key for draft in drafts])
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
    return tuple(new)


def known_keys(connection: Connection, table: Any, installation: str, keys: Sequence[str]) -> set[str]:
    """Those of the keys that are there already."""
    found: set[str] = set()
    for begin in range(0, len(keys), 500):  # SQLite takes a limited number of parameters
        some = keys[begin : begin + 500]
        query = select(table.c.key).where(table.c.installation == installation, table.c.key.in_(some))
        found.update(connection.execute(query).scalars())
    return found
