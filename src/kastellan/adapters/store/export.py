"""A ledger as one file that anybody can verify offline: entries, checkpoints, public key, and a signed statement.

One JSON document rather than an archive: it can be read, compared and mailed as it is, and a verifier needs nothing but
a JSON parser, SHA-256 and Ed25519.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

import rfc8785

from kastellan.adapters.store.signing import Signer
from kastellan.domain.dsse import STATEMENT_TYPE
from kastellan.domain.ledger import LedgerEntry, canonical, utc_instant, utc_text
from kastellan.ports.store import Checkpoint

PREDICATE_TYPE = "https://kastellan.dev/ledger/v1"


def bundle(entries: Sequence[LedgerEntry], checkpoints: Sequence[Checkpoint], signer: Signer) -> dict[str, Any]:
    """The bundle of a ledger that has at least one entry."""
    last = entries[-1]
    statement: dict[str, Any] = {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": last.installation, "digest": {"sha256": last.hash}}],
        "predicateType": PREDICATE_TYPE,
        "predicate": {"entries": last.sequence, "lastNoticedAt": utc_text(last.noticed_at)},
    }
    return {
        "schemaVersion": 1,
        "kind": "LedgerBundle",
        "installation": last.installation,
        "publicKey": base64.b64encode(signer.public_key).decode(),
        "keyId": signer.key_id,
        "entries": [{**json.loads(canonical(entry)), "hash": entry.hash} for entry in entries],
        "checkpoints": [checkpoint_document(one) for one in checkpoints],
        "statement": signer.envelope(rfc8785.dumps(statement)),
    }


def entries_of(document: Mapping[str, Any]) -> tuple[LedgerEntry, ...]:
    """The entries of a bundle, as they are: nothing is verified.

    Raises:
        ValueError: they are none.
    """
    try:
        return tuple(
            LedgerEntry(
                installation=row["installation"],
                sequence=row["sequence"],
                kind=row["kind"],
                key=row["key"],
                at=utc_instant(row["at"]),
                noticed_at=utc_instant(row["noticedAt"]),
                body=row["body"],
                previous=row["previous"],
                hash=row["hash"],
            )
            for row in document["entries"]
        )
    except (KeyError, TypeError) as cause:
        raise ValueError(f"{type(cause).__name__}: {cause}") from cause


def read_checkpoint(document: Mapping[str, Any]) -> Checkpoint:
    """A checkpoint as `checkpoint_document` wrote it.

    Raises:
        ValueError: it is none.
    """
    try:
        return Checkpoint(
            installation=document["installation"],
            sequence=document["sequence"],
            hash=document["hash"],
            at=utc_instant(document["at"]),
            key_id=document["keyId"],
            signature=document["signature"],
        )
    except (KeyError, TypeError) as cause:
        raise ValueError(f"{type(cause).__name__}: {cause}") from cause


def checkpoint_document(one: Checkpoint) -> dict[str, Any]:
    """A checkpoint as a customer keeps it."""
    return {
        "installation": one.installation,
        "sequence": one.sequence,
        "hash": one.hash,
        "at": utc_text(one.at),
        "keyId": one.key_id,
        "signature": one.signature,
    }
