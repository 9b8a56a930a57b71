"""Records facts that are true whatever else was recorded meanwhile, such as what a drill measured."""

from collections.abc import Sequence
from datetime import datetime

from kastellan.domain.errors import ConflictError
from kastellan.domain.ledger import Draft, LedgerEntry
from kastellan.execution.tick import ATTEMPTS, read_ledger
from kastellan.ports.store import Store


def record(store: Store, installation: str, drafts: Sequence[Draft], noticed_at: datetime) -> tuple[LedgerEntry, ...]:
    """Append facts to a verified ledger; reads again where somebody else was faster.

    Raises:
        StuckError: the ledger is broken, or the clock was set back.
        ConflictError: others kept on recording.
    """
    attempts = 0
    while True:
        attempts += 1
        seen = read_ledger(store, installation, now=noticed_at).seen
        try:
            return store.append(installation, drafts, seen=seen, noticed_at=noticed_at)
        except ConflictError:
            if attempts >= ATTEMPTS:
                raise
