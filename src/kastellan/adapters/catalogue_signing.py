"""Signs a release catalogue, and reads the signature beside it."""

import base64
import json
from pathlib import Path
from typing import Any

from kastellan.adapters.store.signing import Signer
from kastellan.config.catalogue_file import parse_catalogue
from kastellan.config.catalogue_signature import catalogue_statement, signature_path, signed_by
from kastellan.domain.canonical import canonical
from kastellan.domain.errors import InvalidInputError


def signed(file: Path, signer: Signer) -> dict[str, Any]:
    """The envelope about a catalogue's bytes: with one more signature where the one beside it holds, else a new one.

    Raises:
        InvalidInputError: the catalogue is not valid, or signed with this very key.
    """
    content = file.read_bytes()
    try:
        found = parse_catalogue(content.decode(), source=str(file))
    except UnicodeDecodeError as cause:
        raise InvalidInputError(f"the release catalogue {file} is no text") from cause
    try:
        before = read_envelope(file)
        keys = signed_by(content, before)
    except ValueError:  # none, or about what stood there before
        before, keys = None, ()
    if signer.key_id in keys:
        raise InvalidInputError(f"{file} is signed with this key already, {signer.key_id}")
    if before is None:
        newest = str(found.newest.version) if found.newest else ""
        payload = canonical(catalogue_statement(content, {"releases": len(found.releases), "newest": newest}))
        return _with_key(signer, payload)
    more = _with_key(signer, base64.b64decode(before["payload"]))
    return {**before, "signatures": [*before["signatures"], *more["signatures"]]}


def read_envelope(file: Path) -> Any:
    """What stands in the file beside a catalogue.

    Raises:
        ValueError: there is none, or it is no JSON.
    """
    try:
        return json.loads(signature_path(file).read_text(encoding="utf-8"))
    except FileNotFoundError as cause:
        raise ValueError(f"it is not signed: there is no {signature_path(file).name} beside it") from cause
    except OSError as cause:
        raise ValueError(f"its signature cannot be read: {cause.strerror}") from cause


def _with_key(signer: Signer, payload: bytes) -> dict[str, Any]:
    envelope = signer.envelope(payload)
    public_key = base64.b64encode(signer.public_key).decode()
    signatures: Any = envelope["signatures"]
    return {**envelope, "signatures": [{**one, "publicKey": public_key} for one in signatures]}
