"""Whether a ledger in the store is as it was written: its chain, its head, and every checkpoint that is known of it.

The chain alone shows an edit, a deletion and a swap. That its tail was cut off shows against the head that the store
keeps beside it and against checkpoints; a second history shows against checkpoints only, best those that others keep.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kastellan.adapters.store.signing import checkpoint_signed
from kastellan.domain.ledger import LedgerEntry, first_flaw
from kastellan.ports.store import Checkpoint


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found out about a ledger.

    Attributes:
        flaws: what is wrong, the first entry that is not as it was written first; empty where nothing is.
        unknown: what could not be checked, so that it is no pass.
    """

    flaws: tuple[str, ...]
    unknown: tuple[str, ...]


def verified(
    installation: str,
    entries: Sequence[LedgerEntry],
    head: tuple[int, str],
    checkpoints: Sequence[Checkpoint],
    public_key: bytes | None,
) -> Verdict:
    """Verify a ledger.

    Args:
        installation: whose it is.
        entries: as they are in the store.
        head: sequence and hash of the last entry, as the store keeps them apart.
        checkpoints: of the store, and those that others kept.
        public_key: raw Ed25519 key that signs checkpoints, or None where it is not at hand.
    """
    return Verdict(
        flaws=tuple(
            dict.fromkeys((*_chain(entries, head), *_checkpoints(installation, entries, checkpoints, public_key)))
        ),
        unknown=tuple(_unknown(checkpoints, public_key)),
    )


def _chain(entries: Sequence[LedgerEntry], head: tuple[int, str]) -> Iterator[str]:
    flaw = first_flaw(entries)
    if flaw is not None:
        yield f"entry {flaw.sequence}: {flaw.what}"
    last = (entries[-1].sequence, entries[-1].hash) if entries else (0, head[1])
    if len(entries) < head[0]:
        yield f"entry {len(entries) + 1} is missing: cut off, for the store wrote {head[0]} entries"
    elif flaw is None and last != head:
        yield f"entry {last[0]} is not the one that the store wrote last ({head[0]})"


def _checkpoints(
    installation: str, entries: Sequence[LedgerEntry], checkpoints: Sequence[Checkpoint], public_key: bytes | None
) -> Iterator[str]:
    for one in checkpoints:
        if one.installation != installation:
            yield f"the checkpoint at entry {one.sequence} is of another installation, {one.installation}"
        elif public_key is not None and not checkpoint_signed(one, public_key):
            yield f"the checkpoint at entry {one.sequence} is not signed by the key"
        elif one.sequence > len(entries):
            yield f"entry {len(entries) + 1} is missing: cut off, for a checkpoint reaches to {one.sequence}"
        elif entries[one.sequence - 1].hash != one.hash:
            yield f"entry {one.sequence} is another than the one that was signed: there are two histories"


def _unknown(checkpoints: Sequence[Checkpoint], public_key: bytes | None) -> Iterator[str]:
    if checkpoints and public_key is None:
        yield f"the signatures of {len(checkpoints)} checkpoints: the signing key is not here"
