"""A report that others can verify without us: a DSSE envelope around an in-toto statement that holds the report.

One file, so that nothing can be separated from its signature. The predicate is in-toto's `test-result`, which knows
passed, warned and failed tests: what is unknown stands under failed there, and exactly in our own fields. A customer
countersigns by adding a signature to the same envelope.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from kastellan.adapters.store.signing import Signer
from kastellan.domain.canonical import canonical, digest
from kastellan.domain.dsse import PAYLOAD_TYPE, STATEMENT_TYPE, pre_authentication
from kastellan.domain.errors import InvalidInputError
from kastellan.preflight.outcome import Outcome

PREDICATE_TYPE = "https://in-toto.io/attestation/test-result/v0.1"
_RESULT = {"passed": "PASSED", "warnings": "WARNED"}
_PASSED = (Outcome.PASS, Outcome.NOT_APPLICABLE)
_WARNED = (Outcome.WARN, Outcome.WAIVED, Outcome.ATTESTED)
_KEYS = {"payloadType", "payload", "signatures"}
_SIGNATURE_KEYS = {"keyid", "sig", "publicKey"}


def statement(report: Mapping[str, Any]) -> dict[str, Any]:
    """The in-toto statement about a report: its digest, the cluster, what shall run there, and what judged."""
    rows = [(row["id"], Outcome(row["outcome"])) for row in report["findings"]]
    named = {"report": digest(report), "tool": report["tool"]["sha256"], "spec": report["spec"]["sha256"]}
    subjects = [{"name": name, "digest": {"sha256": value}} for name, value in named.items() if value]
    if uid := report["cluster"]["uid"]:
        subjects.append({"name": f"cluster/{uid}", "digest": {"sha256": hashlib.sha256(uid.encode()).hexdigest()}})
    return {
        "_type": STATEMENT_TYPE,
        "subject": subjects,
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "result": _RESULT.get(report["overall"], "FAILED"),
            "configuration": [{"name": "evidence", "digest": {"sha256": _evidence(report)}}],
            "passedTests": [check for check, outcome in rows if outcome in _PASSED],
            "warnedTests": [check for check, outcome in rows if outcome in _WARNED],
            "failedTests": [check for check, outcome in rows if outcome not in (*_PASSED, *_WARNED)],
            "report": report,
        },
    }


def sign(document: dict[str, Any], signer: Signer) -> dict[str, Any]:
    """A signed report, from a report or with one more signature on a signed one.

    Raises:
        InvalidInputError: what is signed already does not verify, or is signed with this very key.
    """
    if not is_signed(document):
        return _with_key(signer.envelope(canonical(statement(document))), signer)
    if problems := flaws(document):
        raise InvalidInputError(f"this will not be countersigned: {'; '.join(problems)}")
    if any(one["keyid"] == signer.key_id for one in document["signatures"]):
        raise InvalidInputError(f"it is signed with this key already, {signer.key_id}")
    more = _with_key(signer.envelope(base64.b64decode(document["payload"])), signer)
    return {**document, "signatures": [*document["signatures"], *more["signatures"]]}


def is_signed(document: Mapping[str, Any]) -> bool:
    """Whether this looks like an envelope, and not like a report."""
    return "payload" in document


def report_in(envelope: Mapping[str, Any]) -> dict[str, Any]:
    """The report inside, not verified.

    Raises:
        InvalidInputError: there is none.
    """
    try:
        report: dict[str, Any] = json.loads(base64.b64decode(envelope["payload"], validate=True))["predicate"]["report"]
    except (ValueError, KeyError, TypeError) as cause:
        raise InvalidInputError(f"the envelope holds no report ({type(cause).__name__})") from cause
    return report


def flaws(envelope: Mapping[str, Any], key_ids: tuple[str, ...] = ()) -> list[str]:
    """Everything that is wrong with a signed report; empty where it is as it was signed.

    Args:
        envelope: the file's content.
        key_ids: keys that have to have signed it, as they were told by another way.
    """
    if envelope.keys() != _KEYS or envelope["payloadType"] != PAYLOAD_TYPE or not envelope["signatures"]:
        return ["this is no signed report: not a DSSE envelope of an in-toto statement with signatures"]
    try:
        payload = base64.b64decode(envelope["payload"], validate=True)
        found = [flaw for one in envelope["signatures"] for flaw in _signature_flaws(one, payload)]
        content = json.loads(payload)
        whole = canonical(statement(content["predicate"]["report"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        return [f"this is no signed report, or a damaged one: {type(problem).__name__}"]
    if base64.b64encode(payload).decode() != envelope["payload"]:
        found.append("the payload is not encoded as it was")
    if whole != payload:
        found.append("the statement does not follow from the report inside: digest, subjects or lists of tests differ")
    signed_with = [one["keyid"] for one in envelope["signatures"]]
    found += [f"key {key} has not signed it" for key in key_ids if key.lower() not in signed_with]
    if len(set(signed_with)) < len(signed_with):
        found.append("one key has signed it twice")
    return found


def _signature_flaws(one: Mapping[str, Any], payload: bytes) -> list[str]:
    if one.keys() != _SIGNATURE_KEYS:
        return ["a signature has not the fields keyid, sig and publicKey"]
    key, signature = (base64.b64decode(one[name], validate=True) for name in ("publicKey", "sig"))
    again = [base64.b64encode(part).decode() for part in (key, signature)]
    if hashlib.sha256(key).hexdigest() != one["keyid"] or again != [one["publicKey"], one["sig"]]:
        return [f"the key that is given for {one['keyid']} is another"]
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, pre_authentication(PAYLOAD_TYPE, payload))
    except InvalidSignature:
        return [f"it is not as key {one['keyid']} signed it"]
    return []


def _with_key(envelope: dict[str, Any], signer: Signer) -> dict[str, Any]:
    public_key = base64.b64encode(signer.public_key).decode()
    return {**envelope, "signatures": [{**one, "publicKey": public_key} for one in envelope["signatures"]]}


def _evidence(report: Mapping[str, Any]) -> str:
    found = {one["facts"]: one["sha256"] for row in report["findings"] for one in row["evidence"]}
    return digest(found)
