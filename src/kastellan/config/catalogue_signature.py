"""The signature of a release catalogue: a DSSE envelope in a file of its own beside it.

The catalogue says which images may run at a customer's and which steps are safe, so whoever may change it unseen may
run anything anywhere. Its envelope holds an in-toto statement with the SHA-256 of the file's bytes, and the public
keys; the stack's file names the ids of the keys that are trusted, which is reviewed apart from the catalogue.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kastellan.domain.dsse import PAYLOAD_TYPE, STATEMENT_TYPE, pre_authentication
from kastellan.domain.errors import InvalidInputError
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason

PREDICATE_TYPE = "https://kastellan.dev/release-catalogue/v1"
_SUFFIX = ".dsse.json"
_ENVELOPE = {"payloadType", "payload", "signatures"}
_SIGNATURE = {"keyid", "sig", "publicKey"}


def signature_path(catalogue: Path) -> Path:
    """Where the signature of a catalogue lies."""
    return catalogue.with_name(catalogue.name + _SUFFIX)


def catalogue_statement(content: bytes, predicate: Mapping[str, Any]) -> dict[str, Any]:
    """The in-toto statement about a catalogue's bytes."""
    return {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": "release-catalogue", "digest": {"sha256": hashlib.sha256(content).hexdigest()}}],
        "predicateType": PREDICATE_TYPE,
        "predicate": dict(predicate),
    }


def signed_by(content: bytes, envelope: Any) -> tuple[str, ...]:
    """Ids of the keys that signed a catalogue; every signature in the envelope is verified.

    Args:
        content: the catalogue's bytes.
        envelope: the content of the file beside it.

    Raises:
        ValueError: the envelope is none, is about other bytes, or a signature is wrong; the message says which.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        if envelope.keys() != _ENVELOPE or envelope["payloadType"] != PAYLOAD_TYPE or not envelope["signatures"]:
            raise ValueError("it is no DSSE envelope with signatures")
        payload = base64.b64decode(envelope["payload"], validate=True)
        keys = []
        for one in envelope["signatures"]:
            if one.keys() != _SIGNATURE:
                raise ValueError("a signature has not the fields keyid, sig and publicKey")
            public, signature = (base64.b64decode(one[name], validate=True) for name in ("publicKey", "sig"))
            if hashlib.sha256(public).hexdigest() != one["keyid"]:
                raise ValueError(f"the key that is given for {one['keyid']} is another")
            Ed25519PublicKey.from_public_bytes(public).verify(signature, pre_authentication(PAYLOAD_TYPE, payload))
            keys.append(str(one["keyid"]))
        statement = json.loads(payload)
        (subject,) = statement["subject"]
        signed = subject["digest"]["sha256"]
    except InvalidSignature as cause:
        raise ValueError("a signature is wrong: the envelope was changed after it was signed") from cause
    except (AttributeError, KeyError, TypeError, RecursionError) as cause:
        raise ValueError(f"it is damaged ({type(cause).__name__})") from cause
    if (statement.get("_type"), statement.get("predicateType")) != (STATEMENT_TYPE, PREDICATE_TYPE):
        raise ValueError("it is a statement about something else than a release catalogue")
    if signed != hashlib.sha256(content).hexdigest():
        raise ValueError("the catalogue was changed after it was signed")
    return tuple(keys)


def signature_reasons(path: Path, content: bytes, trusted: Sequence[str]) -> tuple[Reason, ...]:
    """Why a catalogue is refused for its signature; empty where a trusted key has signed these very bytes.

    Args:
        path: of the catalogue.
        content: its bytes, as they are going to be parsed.
        trusted: ids of the keys one of which has to have signed it; empty where no signature is asked for.
    """
    if not trusted:
        return ()
    place = signature_path(path)
    try:
        envelope = json.loads(place.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return (_reason("catalogue-unsigned", f"{path} is not signed: there is no {place.name} beside it", path),)
    except (OSError, ValueError) as cause:
        return (_reason("catalogue-signature", f"the signature {place} cannot be read: {type(cause).__name__}", path),)
    try:
        keys = signed_by(content, envelope)
    except ValueError as cause:
        return (_reason("catalogue-signature", f"the signature of {path} does not hold: {cause}", path),)
    if not set(keys) & {key.lower() for key in trusted}:
        message = f"{path} is signed with {', '.join(keys)}, and by no key of installation:catalogueSigners"
        return (_reason("catalogue-signer", message, path),)
    return ()


def refuse_unsigned(path: Path, content: bytes, trusted: Sequence[str]) -> None:
    """Refuse a catalogue that no trusted key has signed.

    Raises:
        InvalidInputError: with the reasons.
    """
    reasons = signature_reasons(path, content, trusted)
    if reasons:
        raise InvalidInputError("the release catalogue is refused for its signature", reasons)


def _reason(code: str, message: str, path: Path) -> Reason:
    remedy = {
        "catalogue-unsigned": f"whoever keeps the catalogue reads and signs it: kastellan catalogue sign {path}",
        "catalogue-signature": "find out who changed it and why; whoever keeps the catalogue then signs it anew: "
        f"kastellan catalogue sign {path}",
        "catalogue-signer": "have it signed by one of those keys; or, where the signer is right, review its id into "
        "the stack's file",
    }[code]
    return Reason(
        code=code, message=message, owner=Party.VENDOR, remediation=remedy, path="installation:catalogueSigners"
    )
