"""The store of all installations' ledgers and of the messages that are on their way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kastellan.domain.ledger import Draft, LedgerEntry
from kastellan.domain.message import Delivery, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A signed statement of how far a ledger had come: whoever keeps it can prove that nothing before it changed.

    Attributes:
        installation: whose ledger.
        sequence: last entry that it covers.
        hash: that entry's hash.
        at: when it was made (UTC).
        key_id: SHA-256 of the signer's raw public key, in hexadecimal.
        signature: Ed25519 over the checkpoint's text, base64.
    """

    installation: str
    sequence: int
    hash: str
    at: datetime
    key_id: str
    signature: str


class Store(Protocol):
    """Append-only ledgers, one for each installation, and an outbox.

    Every method is one transaction: what it promises is there after a crash, or nothing of it is. Any method may raise
    UnreachableError (no connection, locked for longer than the adapter waits), ServerFaultError (disk full, read-only)
    and StuckError (the database was written by a newer kastellan).
    """

    def installations(self) -> tuple[str, ...]:
        """Names of all installations that have a ledger, sorted."""
        ...

    def entries(self, installation: str) -> tuple[LedgerEntry, ...]:
        """The whole ledger in order; empty where there is none. Does not verify it."""
        ...

    def head(self, installation: str) -> tuple[int, str]:
        """Sequence and hash of the last entry, as they are kept apart from it; (0, zeros) where there is none."""
        ...

    def heads(self) -> Mapping[str, tuple[int, str]]:
        """`head` of every installation that has a ledger."""
        ...

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
        """Record facts and queue messages, all or nothing; returns the entries that are new.

        Drafts and messages whose key is there already are left out: repeating a call does nothing.

        Args:
            installation: whose ledger.
            drafts: facts, in order.
            seen: sequence of the last entry that the caller knew when it decided; 0 for an empty ledger.
            noticed_at: now (UTC).
            messages: what is to be sent because of them.
            finishes: a delivery whose new state is written with them.

        Raises:
            ConflictError: somebody recorded something meanwhile; read and decide again.
            StuckError: `noticed_at` is before the last entry's by more than `CLOCK_TOLERANCE` (the clock was set back),
                or the last entry lacks its own hash; nothing was written, and a person has to look.
        """
        ...

    def due_deliveries(self, installation: str, now: datetime) -> tuple[Delivery, ...]:
        """Its messages, queued or begun and never ended, whose `not_before` has come; oldest first."""
        ...

    def deliveries(self, installation: str) -> tuple[Delivery, ...]:
        """All messages of an installation, oldest first."""
        ...

    def begin_delivery(self, delivery: Delivery, *, retry_at: datetime) -> Delivery | None:
        """Note that an attempt begins, and when the next one may, should this one never end.

        Returns the delivery in state `sending` with one attempt more, or None where somebody else began it meanwhile.
        """
        ...

    def checkpoints(self, installation: str) -> tuple[Checkpoint, ...]:
        """All checkpoints of an installation in order."""
        ...

    def add_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Keep a checkpoint; one that is there already is left as it is.

        Raises:
            StuckError: it contradicts an earlier checkpoint or the ledger.
        """
        ...
