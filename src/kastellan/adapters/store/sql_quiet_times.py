"""Quiet times in a SQL database: `ports.quiet_times.QuietTimes`."""

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import select

from kastellan.adapters.store.tables import quiet_times
from kastellan.adapters.store.transactions import Transactions, upsert_of
from kastellan.domain.ledger import utc_instant, utc_text
from kastellan.ports.quiet_times import QuietTime


class SqlQuietTimes:
    """Implements `ports.quiet_times.QuietTimes`; made by `opening.open_store`."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def all(self) -> Mapping[str, QuietTime]:
        """See the port."""
        with self._transactions.reading("reading quiet times") as connection:
            rows = connection.execute(select(quiet_times)).mappings()
            return {
                row["installation"]: QuietTime(
                    installation=row["installation"],
                    inputs=row["inputs"],
                    files=tuple(json.loads(row["files"])),
                    since=utc_instant(row["since"]),
                    until=utc_instant(row["until"]),
                    answer=json.loads(row["answer"]),
                )
                for row in rows
            }

    def keep(self, found: Sequence[QuietTime]) -> None:
        """See the port."""
        with self._transactions.writing("keeping quiet times") as connection:
            # In one order: of two that keep at once, neither waits for the other for ever.
            rows = [_row(one) for one in sorted(found, key=lambda one: one.installation)]
            query = upsert_of(connection)(quiet_times)
            new = {name: query.excluded[name] for name in rows[0] if name != "installation"} if rows else {}
            if rows:
                connection.execute(query.on_conflict_do_update(index_elements=["installation"], set_=new), rows)


def _row(one: QuietTime) -> dict[str, str]:
    return {
        "installation": one.installation,
        "inputs": one.inputs,
        "files": json.dumps(one.files),
        "since": utc_text(one.since),
        "until": utc_text(one.until),
        "answer": json.dumps(one.answer),
    }
