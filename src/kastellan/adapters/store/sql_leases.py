"""Leases in a SQL database: `ports.lease.Leases`. A renewal and a fence are the same statement."""

from datetime import datetime

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from kastellan.adapters.store.tables import leases
from kastellan.adapters.store.transactions import Transactions
from kastellan.domain.errors import LeaseLostError
from kastellan.domain.ledger import utc_instant, utc_text
from kastellan.ports.lease import Lease, LeaseState


class SqlLeases:
    """Implements `ports.lease.Leases`; made by `opening.open_store`."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def look(self, installation: str) -> LeaseState | None:
        """See the port."""
        with self._transactions.reading(f"looking at the lease of {installation}") as connection:
            row = connection.execute(select(leases).where(leases.c.installation == installation)).mappings().first()
            return LeaseState(**{**row, "taken_at": utc_instant(row["taken_at"])}) if row else None

    def take(self, installation: str, holder: str, *, seen: LeaseState | None, now: datetime) -> Lease | None:
        """See the port."""
        token = seen.token + 1 if seen else 1
        row = {"token": token, "holder": holder, "beats": 0, "taken_at": utc_text(now)}
        with self._transactions.writing(f"taking the lease of {installation}") as connection:
            if seen is None:
                try:
                    with connection.begin_nested():
                        connection.execute(insert(leases).values(installation=installation, **row))
                except IntegrityError:
                    return None
                return Lease(installation=installation, token=token, holder=holder)
            same = (
                leases.c.installation == installation,
                leases.c.token == seen.token,
                leases.c.beats == seen.beats,
                leases.c.holder == seen.holder,
            )
            changed = connection.execute(update(leases).where(*same).values(row))
            return Lease(installation=installation, token=token, holder=holder) if changed.rowcount == 1 else None

    def renew(self, lease: Lease) -> None:
        """See the port."""
        with self._transactions.writing(f"renewing the lease of {lease.installation}") as connection:
            fence(connection, lease)

    def release(self, lease: Lease) -> None:
        """See the port."""
        with self._transactions.writing(f"releasing the lease of {lease.installation}") as connection:
            ours = (leases.c.installation == lease.installation, leases.c.token == lease.token)
            connection.execute(update(leases).where(*ours).values(holder="", beats=leases.c.beats + 1))


def fence(connection: Connection, lease: Lease) -> None:
    """Let a transaction go on only while the lease is its own, and keep it so until the transaction ends.

    Raises:
        LeaseLostError: somebody else has it, or it was released.
    """
    ours = (
        leases.c.installation == lease.installation,
        leases.c.token == lease.token,
        leases.c.holder == lease.holder,
    )
    # The update locks the row: nobody takes the lease between this check and the commit.
    if connection.execute(update(leases).where(*ours).values(beats=leases.c.beats + 1)).rowcount != 1:
        raise LeaseLostError(
            f"the lease of {lease.installation} (token {lease.token}) was taken over; this worker stops",
            remediation="nothing: whoever took it over goes on with the run; `kastellan runs` shows it",
        )
