"""Signs what others shall be able to verify without us: checkpoints of a ledger, and DSSE envelopes.

Ed25519 (RFC 8032). The key is made at first use and lies in a file that only its owner may read.
"""

import base64
import hashlib
import os
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from kastellan.domain.dsse import PAYLOAD_TYPE, pre_authentication
from kastellan.domain.errors import InvalidInputError, StuckError
from kastellan.domain.ledger import LedgerEntry, utc_text
from kastellan.ports.store import Checkpoint


class Signer:
    """Signs with one key.

    Attributes:
        public_key: the raw public key, 32 bytes.
        key_id: its SHA-256 in hexadecimal; what a customer is told once, by another way.
    """

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public_key = key.public_key().public_bytes_raw()
        self.key_id = hashlib.sha256(self.public_key).hexdigest()

    def checkpoint(self, last: LedgerEntry, at: datetime, *, earlier: tuple[Checkpoint, ...] = ()) -> Checkpoint:
        """State how far a ledger has come.

        Args:
            last: its last entry.
            at: now (UTC).
            earlier: checkpoints that were made of it before.

        Raises:
            StuckError: an earlier one lies beyond the ledger's end, or says otherwise; signing would help to hide it.
        """
        for one in earlier:
            if one.sequence > last.sequence or (one.sequence == last.sequence and one.hash != last.hash):
                raise StuckError(
                    f"the ledger of {last.installation} contradicts its checkpoint at {one.sequence}: unsigned",
                    remediation="run `kastellan ledger verify`, and restore the store from a backup",
                )
        text = checkpoint_text(last.installation, last.sequence, last.hash, at)
        return Checkpoint(
            installation=last.installation,
            sequence=last.sequence,
            hash=last.hash,
            at=at,
            key_id=self.key_id,
            signature=self._signed(text),
        )

    def envelope(self, payload: bytes) -> dict[str, object]:
        """A DSSE envelope (v1) around an in-toto statement."""
        signature = self._signed(pre_authentication(PAYLOAD_TYPE, payload))
        return {
            "payloadType": PAYLOAD_TYPE,
            "payload": base64.b64encode(payload).decode(),
            "signatures": [{"keyid": self.key_id, "sig": signature}],
        }

    def _signed(self, message: bytes) -> str:
        return base64.b64encode(self._key.sign(message)).decode()


def checkpoint_signed(one: Checkpoint, public_key: bytes) -> bool:
    """Whether a checkpoint is signed by a raw Ed25519 key."""
    text = checkpoint_text(one.installation, one.sequence, one.hash, one.at)
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(base64.b64decode(one.signature), text)
    except (InvalidSignature, ValueError):
        return False
    return one.key_id == hashlib.sha256(public_key).hexdigest()


def checkpoint_text(installation: str, sequence: int, entry_hash: str, at: datetime) -> bytes:
    """The bytes that a checkpoint's signature is over; the form follows C2SP's tlog-checkpoint."""
    return f"kastellan.dev/ledger/{installation}\n{sequence}\n{entry_hash}\n{utc_text(at)}\n".encode()


def load_signer(path: Path) -> Signer:
    """The signer whose key lies at a path, made where there is none.

    Raises:
        InvalidInputError: the file cannot be read or written, or holds no Ed25519 key.
    """
    try:
        if not path.exists():
            _make_key(path)
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as cause:
        raise InvalidInputError(f"the signing key {path} cannot be used: {type(cause).__name__}") from cause
    if not isinstance(key, Ed25519PrivateKey):
        raise InvalidInputError(f"the signing key {path} is no Ed25519 key")
    return Signer(key)


def _make_key(path: Path) -> None:
    """Written aside and linked into place: two that make it at once end up with the same key."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(aside, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(aside, path)
    except FileExistsError:
        pass
    finally:
        aside.unlink()
