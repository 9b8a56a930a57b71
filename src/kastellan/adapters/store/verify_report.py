"""Verifies a signed preflight report offline: python verify_report.py FILE [--key-id HEX]...

Needs Python's standard library and verify_ledger.py beside it, and nothing of kastellan. Name the key's id as you were
told it by another way. Exit code 0, or 6 if the report is not as it was signed.
"""

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kastellan.adapters.store.verify_ledger import signed
else:
    from verify_ledger import signed


def flaws(envelope: dict[str, Any], key_ids: Sequence[str]) -> Iterator[str]:
    """Everything that is wrong with a DSSE envelope (v1) around an in-toto statement that holds a report."""
    payload, kind = base64.b64decode(envelope["payload"], validate=True), envelope["payloadType"]
    message = b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)
    signatures = envelope["signatures"]
    for one in signatures:
        key = base64.b64decode(one["publicKey"])
        if hashlib.sha256(key).hexdigest() != one["keyid"] or not signed(key, message, base64.b64decode(one["sig"])):
            yield f"it is not as key {one['keyid']} signed it"
    if not signatures:
        yield "nobody signed it"
    for key_id in key_ids:
        if key_id.lower() not in [one["keyid"] for one in signatures]:
            yield f"key {key_id} has not signed it"
    statement = json.loads(payload)
    # Canonical JSON (RFC 8785); keys in a report are ASCII, its numbers whole or of three decimals.
    text = json.dumps(statement["predicate"]["report"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    subjects = {one["name"]: one["digest"]["sha256"] for one in statement["subject"]}
    if subjects["report"] != hashlib.sha256(text.encode()).hexdigest():
        yield "the statement is about another report"


def main() -> int:
    """Read the arguments, verify, print the verdict."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", type=Path)
    parser.add_argument("--key-id", action="append", default=[], help="id of a key that has to have signed it")
    given = parser.parse_args()
    try:
        envelope = json.loads(given.report.read_text(encoding="utf-8"))
        found = list(flaws(envelope, given.key_id))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as problem:
        found = [f"this is no signed report, or a damaged one: {type(problem).__name__}: {problem}"]
    for flaw in found:
        print(f"INVALID: {flaw}")
    if found:
        return 6
    report = json.loads(base64.b64decode(envelope["payload"]))["predicate"]["report"]
    print(f"valid: {report['overall']}: {report['target']}, collected {report['collectedAt']}")
    for one in envelope["signatures"]:
        print(f"signed with key {one['keyid']}")
    if not given.key_id:
        print("note: compare the keys' ids with those that you were told, or name them by --key-id")
    return 0


if __name__ == "__main__":
    sys.exit(main())
