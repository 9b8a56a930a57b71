"""Verifies a ledger or run bundle offline: python verify_ledger.py BUNDLE [--key-id HEX] [--checkpoint FILE]...

Needs the standard library only. Names the first entry that was edited, deleted, swapped, cut off or forked; a cut tail
and a second history show only against a checkpoint that you kept. Exit code 0, or 6 if it is not valid.
"""

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Ed25519, RFC 8032, section 5.1.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]


def _x(y: int, sign: int) -> int:
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        raise ValueError("no point of the curve")
    return P - x if x & 1 != sign else x


def _point(data: bytes) -> Point:
    sign, y = divmod(int.from_bytes(data, "little"), 2**255)
    x = _x(y, sign)
    return x, y, 1, x * y % P


def _add(a: Point, b: Point) -> Point:
    m, n = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = n - m, d - c, d + c, n + m
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(number: int, point: Point) -> Point:
    result: Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            result = _add(result, point)
        point, number = _add(point, point), number >> 1
    return result


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = (_x(BASE_Y, 0), BASE_Y, 1, _x(BASE_Y, 0) * BASE_Y % P)


def signed(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether an Ed25519 signature is that of the message."""
    if len(public_key) != 32 or len(signature) != 64 or int.from_bytes(signature[32:], "little") >= ORDER:
        return False
    try:
        key, r = _point(public_key), _point(signature[:32])
    except ValueError:
        return False
    digest = hashlib.sha512(signature[:32] + public_key + message).digest()
    left = _times(int.from_bytes(signature[32:], "little"), BASE)
    right = _add(r, _times(int.from_bytes(digest, "little") % ORDER, key))
    return all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))


def entry_hash(entry: dict[str, Any]) -> str:
    """SHA-256 of the entry without its hash, as canonical JSON (RFC 8785; keys here are ASCII, numbers whole)."""
    body = {key: value for key, value in entry.items() if key != "hash"}
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(b"kastellan ledger entry v1\x00" + text.encode()).hexdigest()


def flaws(bundle: dict[str, Any], key_id: str, checkpoints: list[dict[str, Any]]) -> Iterator[str]:
    """Everything that is wrong with a bundle; of a ledger, the first entry that is not as it was written."""
    installation, envelope = bundle["installation"], bundle["statement"]
    public_key = base64.b64decode(bundle["publicKey"])
    found_id = hashlib.sha256(public_key).hexdigest()
    if key_id and found_id != key_id.lower():
        yield f"the bundle is signed with key {found_id}, not with the one that was named"
    payload, kind = base64.b64decode(envelope["payload"]), envelope["payloadType"]
    message = b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)
    if not any(signed(public_key, message, base64.b64decode(one["sig"])) for one in envelope["signatures"]):
        yield "the statement is not signed by the bundle's key"
    statement = json.loads(payload)
    if bundle["kind"] == "RunBundle":
        if [statement["predicate"][name] for name in ("run", "installation")] != [bundle["run"], installation]:
            yield "the statement is about another run"
        return
    entries, previous = bundle["entries"], "0" * 64
    for number, entry in enumerate(entries, start=1):
        if entry["sequence"] != number:
            yield f"entry {number} is missing, or out of order: {entry['sequence']} stands in its place"
        elif entry["previous"] != previous:
            yield f"entry {number} does not follow the entry before it"
        elif entry["hash"] != entry_hash(entry) or entry["installation"] != installation:
            yield f"entry {number} was edited: its content does not have its hash"
        else:
            previous = entry["hash"]
            continue
        return
    for one in [*bundle["checkpoints"], *checkpoints]:
        text = f"kastellan.dev/ledger/{one['installation']}\n{one['sequence']}\n{one['hash']}\n{one['at']}\n"
        if one["keyId"] != found_id:
            yield f"the checkpoint at entry {one['sequence']} is signed with another key, {one['keyId']}"
        elif not signed(public_key, text.encode(), base64.b64decode(one["signature"])):
            yield f"the checkpoint at entry {one['sequence']} is not signed by its key"
        elif one["installation"] != installation:
            yield f"the checkpoint at entry {one['sequence']} is of another installation, {one['installation']}"
        elif one["sequence"] > len(entries):
            yield f"entry {len(entries) + 1} is missing: cut off, for a checkpoint reaches to {one['sequence']}"
        elif entries[one["sequence"] - 1]["hash"] != one["hash"]:
            yield f"entry {one['sequence']} is another than the one that was signed: there are two histories"
    if statement["subject"] != [{"name": installation, "digest": {"sha256": previous}}]:
        yield "the statement is about another ledger, or another state of it"


def main() -> int:
    """Read the arguments, verify, print the verdict."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--key-id", default="", help="id of the signing key as it was told by another way")
    parser.add_argument("--checkpoint", type=Path, action="append", default=[], help="a checkpoint that was kept")
    given = parser.parse_args()
    try:
        bundle = json.loads(given.bundle.read_text(encoding="utf-8"))
        found = list(flaws(bundle, given.key_id, [json.loads(p.read_text("utf-8")) for p in given.checkpoint]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as problem:
        found = [f"this is no bundle, or a damaged one: {type(problem).__name__}: {problem}"]
    if found:
        print(*(f"INVALID: {flaw}" for flaw in found), sep="\n")
        return 6
    what = f"run {bundle['run']}" if "run" in bundle else f"{len(bundle['entries'])} entries"
    key = hashlib.sha256(base64.b64decode(bundle["publicKey"])).hexdigest()
    print(f"valid: {what} of {bundle['installation']}, signed with key {key}")
    if not given.key_id:
        print("note: compare the key's id with the one that you were told, or name it by --key-id")
    return 0


if __name__ == "__main__":
    sys.exit(main())
