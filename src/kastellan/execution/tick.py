"""One tick of an installation: read the ledger, record everything that has become due, queue the notices; then send.

Recording and queueing are one transaction, sending is another story (`delivery`): a crash between any two statements
loses nothing, and the next tick finishes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from kastellan.domain.canonical import digest
from kastellan.domain.catalogue_mark import CatalogueMark, last_mark
from kastellan.domain.contract_record import last_contract
from kastellan.domain.errors import ConflictError, StuckError
from kastellan.domain.history import History
from kastellan.domain.history_record import read
from kastellan.domain.ledger import CLOCK_TOLERANCE, LedgerEntry, chained, first_flaw, utc_text
from kastellan.domain.window_promise import WindowPromise, promise_of
from kastellan.planning.tick_plan import Due, TickInput, due
from kastellan.ports.store import Store

PASSES = 10
"""What is recorded may make more due (taking over makes offers due); more passes than this would be a fault of ours."""
ATTEMPTS = 5
"""How often a tick reads and decides again when somebody else recorded something meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """An installation's ledger as it was read and found whole."""

    installation: str
    entries: tuple[LedgerEntry, ...]

    @property
    def history(self) -> History:
        """The facts in it."""
        return read(self.entries)

    @property
    def promise(self) -> WindowPromise:
        """The windows that were promised."""
        return promise_of(self.entries)

    @property
    def contract_digest(self) -> str:
        """Digest of the contract that was recorded last; empty where none was."""
        found = last_contract(self.entries)
        return digest(found) if found else ""

    @property
    def catalogue(self) -> CatalogueMark | None:
        """The newest catalogue that was adopted."""
        return last_mark(self.entries)

    @property
    def keys(self) -> frozenset[str]:
        """Keys of all entries."""
        return frozenset(entry.key for entry in self.entries)

    @property
    def seen(self) -> int:
        """Sequence of its last entry, 0 where it is empty."""
        return len(self.entries)


Look = Callable[[Ledger], TickInput]
"""Makes a tick's input of what the ledger holds."""


def read_ledger(store: Store, installation: str, *, now: datetime | None = None) -> Ledger:
    """Read and verify a ledger.

    Args:
        store: where it is.
        installation: whose.
        now: the instant of the decision that is to be made from it (UTC), or None where none is.

    Raises:
        StuckError: an entry is not as it was written, and it is named; or `now` is before what was recorded last.
    """
    entries = store.entries(installation)
    flaw = first_flaw(entries)
    if flaw is not None:
        raise StuckError(
            f"entry {flaw.sequence} of the ledger of {installation} is not as it was written: {flaw.what}",
            remediation="restore the store from a backup; nothing is recorded until then",
        )
    if now is not None and entries and entries[-1].noticed_at - now > CLOCK_TOLERANCE:
        raise StuckError(
            f"the clock says {utc_text(now)}, but the ledger of {installation} was written at "
            f"{utc_text(entries[-1].noticed_at)}; nothing was decided or recorded",
            remediation="set the machine's clock right",
        )
    return Ledger(installation=installation, entries=entries)


def preview(ledger: Ledger, look: Look, noticed_at: datetime) -> tuple[Due, ...]:
    """What `record_due` would record and queue, without doing it; what deliveries would bring about is left out."""
    found: list[Due] = []
    for _ in range(PASSES):
        new = due(look(ledger))
        if not new:
            break
        found += new
        entries = list(ledger.entries)
        for one in new:
            after = entries[-1] if entries else None
            entries.append(chained(ledger.installation, one.draft, noticed_at=noticed_at, after=after))
        ledger = Ledger(installation=ledger.installation, entries=tuple(entries))
    return tuple(found)


def record_due(store: Store, installation: str, look: Look, noticed_at: datetime) -> tuple[LedgerEntry, ...]:
    """Record everything that has become due, and queue its notices; returns the new entries.

    Args:
        store: where the ledger is.
        installation: whose.
        look: makes the input of the decision of what the ledger holds.
        noticed_at: now (UTC).

    Raises:
        StuckError: the ledger is broken, or the clock was set back.
        ConflictError: others kept on recording.
    """
    recorded: list[LedgerEntry] = []
    conflicts = 0
    for _ in range(PASSES):
        ledger = read_ledger(store, installation, now=noticed_at)
        found = due(look(ledger))
        if not found:
            return tuple(recorded)
        drafts = [one.draft for one in found]
        messages = [message for one in found for message in one.messages]
        try:
            new: Sequence[LedgerEntry] = store.append(
                installation, drafts, seen=ledger.seen, noticed_at=noticed_at, messages=messages
            )
        except ConflictError:
            conflicts += 1
            if conflicts >= ATTEMPTS:
                raise
            continue
        recorded.extend(new)
    raise StuckError(f"the tick of {installation} finds no end", remediation="report this as a fault of kastellan")
