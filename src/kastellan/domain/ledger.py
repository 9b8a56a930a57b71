"""The record of one installation: entries chained by hash, so that an edit, a removal or a swap shows.

A chain alone does not show that its tail was cut off, or that somebody wrote two histories; checkpoints, signed and
held by others, do. All that kastellan knows about an installation's past is in these entries: states, clocks and rights
are computed from them and never stored.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TypeAlias

from kastellan.domain.canonical import canonical as canonical_json
from kastellan.domain.canonical import quoted as _quoted
from kastellan.domain.json_text import JsonText

Json: TypeAlias = "str | int | bool | Sequence[Json] | Mapping[str, Json] | None"
"""What an entry's body may hold: no fractions, whose text differs between languages."""

GENESIS = "0" * 64
"""What the first entry names as its predecessor."""
CLOCK_TOLERANCE = timedelta(minutes=5)
"""By so much the clocks of two machines may differ; what is noticed earlier than the last entry by no more counts as
noticed with it."""
_INSTANTS = 4096
"""So many texts of instants are remembered: entries that were recorded together share theirs."""
_DOMAIN = b"kastellan ledger entry v1\x00"
"""Put before the bytes that are hashed, so that no other document can have an entry's hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A fact that is to be recorded.

    Attributes:
        kind: past-tense words joined by dashes, such as `window-offered`.
        key: unique in the installation's ledger; recording a key again does nothing, which makes recording repeatable.
        at: the instant at which the fact holds (UTC, whole seconds), whenever it was noticed.
        body: what there is to say, canonical JSON; no secrets.
    """

    kind: str
    key: str
    at: datetime
    body: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """A fact as it was recorded.

    Attributes:
        installation: whose ledger it is.
        sequence: 1, 2, 3, …, without gaps.
        kind: see `Draft`.
        key: see `Draft`.
        at: see `Draft`.
        noticed_at: when it was recorded (UTC, whole seconds); never before that of the entry before.
        body: see `Draft`.
        previous: hash of the entry before, or `GENESIS`.
        hash: `entry_hash` of everything above, in hexadecimal.
    """

    installation: str
    sequence: int
    kind: str
    key: str
    at: datetime
    noticed_at: datetime
    body: Mapping[str, Json]
    previous: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """The first entry of a ledger that cannot be as it was written.

    Attributes:
        sequence: where.
        what: such as `its content does not have its hash`.
    """

    sequence: int
    what: str


def chained(installation: str, draft: Draft, *, noticed_at: datetime, after: LedgerEntry | None) -> LedgerEntry:
    """The entry that records `draft` behind `after`, which is None in an empty ledger."""
    entry = LedgerEntry(
        installation=installation,
        sequence=after.sequence + 1 if after else 1,
        kind=draft.kind,
        key=draft.key,
        at=draft.at,
        noticed_at=noticed_at,
        body=draft.body,
        previous=after.hash if after else GENESIS,
        hash="",
    )
    return replace(entry, hash=entry_hash(entry))


def canonical(entry: LedgerEntry) -> bytes:
    """Everything but the hash as canonical JSON (RFC 8785); the bytes that are hashed and exported.

    Members stand in the order of their names. A body that was read from the store is taken as its text: where that is
    not what was written, to the letter, the entry does not have its hash. No text of a body can pass for other members,
    because in JSON a quotation mark inside of a string is never bare.
    """
    return (
        f'{{"at":"{utc_text(entry.at)}","body":{body_text(entry)},"installation":{_quoted(entry.installation)},'
        f'"key":{_quoted(entry.key)},"kind":{_quoted(entry.kind)},"noticedAt":"{utc_text(entry.noticed_at)}",'
        f'"previous":{_quoted(entry.previous)},"schemaVersion":1,"sequence":{entry.sequence}}}'
    ).encode()


def body_text(entry: LedgerEntry) -> str:
    """An entry's body as canonical JSON: the text that is hashed, and so the one to store."""
    return entry.body.text if isinstance(entry.body, JsonText) else canonical_json(entry.body).decode()


def entry_hash(entry: LedgerEntry) -> str:
    """SHA-256 of the entry's canonical bytes behind a prefix of their own, in hexadecimal."""
    return hashlib.sha256(_DOMAIN + canonical(entry)).hexdigest()


def first_flaw(entries: Sequence[LedgerEntry]) -> Flaw | None:
    """The first entry that does not follow from the one before, or None where the chain is whole."""
    previous: LedgerEntry | None = None
    for entry in entries:
        expected = previous.sequence + 1 if previous else 1
        if entry.sequence != expected:
            return Flaw(sequence=expected, what=f"it is missing, or out of order: {entry.sequence} stands in its place")
        if entry.previous != (previous.hash if previous else GENESIS):
            return Flaw(sequence=entry.sequence, what="it does not follow the entry before it")
        if entry.hash != entry_hash(entry):
            return Flaw(sequence=entry.sequence, what="its content does not have its hash")
        previous = entry
    return None


def utc_text(instant: datetime) -> str:
    """An instant as the ledger writes it: UTC, whole seconds, such as `2026-12-01T21:00:00Z`."""
    return _text_of(instant if instant.tzinfo is UTC else instant.astimezone(UTC))


@lru_cache(maxsize=_INSTANTS)
def _text_of(instant: datetime) -> str:
    return f"{instant.isoformat(timespec='seconds')[:-6]}Z"


@lru_cache(maxsize=_INSTANTS)
def utc_instant(text: str) -> datetime:
    """Reads what `utc_text` wrote.

    Raises:
        ValueError: it is none.
    """
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is not UTC or utc_text(instant) != text:
        raise ValueError(f"{text!r} is no instant of the form 2026-12-01T21:00:00Z")
    return instant
