"""A third party finds every kind of tampering in an exported ledger, with the stand-alone verifier and nothing else."""

import base64
import copy
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from kastellan.adapters.store import verify_ledger
from kastellan.adapters.store.export import bundle, checkpoint_document
from kastellan.adapters.store.signing import Signer, load_signer
from kastellan.domain.errors import InvalidInputError, StuckError
from kastellan.domain.ledger import Draft, LedgerEntry, canonical, chained, entry_hash

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(b"k" * 32))
Bundle = dict[str, Any]


def chain(length: int, *, salt: str = "") -> list[LedgerEntry]:
    entries: list[LedgerEntry] = []
    for number in range(length):
        body = {"who": f"Zoë {number}{salt}", "note": 'a\tb\u2028\x7f\\"', "count": number, "none": None}
        one = Draft(kind="fact", key=f"k{number}", at=NOW, body=body)
        after = entries[-1] if entries else None
        entries.append(chained("acme", one, noticed_at=NOW + timedelta(hours=number), after=after))
    return entries


ENTRIES = chain(8)
KEPT = SIGNER.checkpoint(ENTRIES[5], NOW)
WHOLE = json.loads(json.dumps(bundle(ENTRIES, [KEPT], SIGNER), ensure_ascii=False))


def found(document: Bundle, *, key_id: str = SIGNER.key_id, kept: bool = False) -> list[str]:
    return list(verify_ledger.flaws(document, key_id, [checkpoint_document(KEPT)] if kept else []))


def tampered(change: Callable[[Bundle], object]) -> Bundle:
    document = copy.deepcopy(WHOLE)
    change(document)
    return document


def forged(length: int, *, salt: str = "") -> Bundle:
    """A ledger that whoever holds the signing key wrote anew, without the checkpoints that contradict it."""
    return json.loads(json.dumps(bundle(chain(length, salt=salt), [], SIGNER), ensure_ascii=False))


def test_a_ledger_as_it_was_written_is_valid() -> None:
    assert found(WHOLE, kept=True) == []


@given(st.integers(0, 7), st.sampled_from(["kind", "key", "at", "noticedAt", "who"]))
def test_an_edit_names_the_entry(index: int, field: str) -> None:
    def edit(document: Bundle) -> None:
        entry = document["entries"][index]
        (entry["body"] if field == "who" else entry)[field] += "x"

    assert found(tampered(edit))[0].startswith(f"entry {index + 1} was edited")


@given(st.integers(0, 6))
def test_a_deletion_names_the_entry_that_is_missing(index: int) -> None:
    assert found(tampered(lambda document: document["entries"].pop(index)))[0].startswith(
        f"entry {index + 1} is missing"
    )


@given(st.integers(0, 7), st.integers(0, 7))
def test_a_swap_names_the_first_entry_out_of_place(one: int, other: int) -> None:
    def swap(document: Bundle) -> None:
        entries = document["entries"]
        entries[one], entries[other] = entries[other], entries[one]

    flaws = found(tampered(swap))
    assert (
        flaws == [] if one == other else flaws[0].startswith(f"entry {min(one, other) + 1} is missing, or out of order")
    )


def test_an_edit_with_a_new_hash_names_the_entry_behind_it() -> None:
    def edit(document: Bundle) -> None:
        entry = document["entries"][2]
        entry["body"]["who"] = "Eve"
        entry["hash"] = verify_ledger.entry_hash(entry)

    assert found(tampered(edit)) == ["entry 4 does not follow the entry before it"]


@pytest.mark.parametrize("length", [1, 3, 5])
def test_a_tail_that_was_cut_off_shows_against_a_checkpoint_that_was_kept(length: int) -> None:
    assert found(forged(length)) == []
    assert found(forged(length), kept=True) == [
        f"entry {length + 1} is missing: cut off, for a checkpoint reaches to 6"
    ]


def test_a_second_history_shows_against_a_checkpoint_that_was_kept() -> None:
    assert found(forged(8, salt="!"), kept=True) == [
        "entry 6 is another than the one that was signed: there are two histories"
    ]


def test_a_restored_older_copy_shows_against_a_checkpoint_that_was_kept() -> None:
    assert found(forged(4), kept=True)[0].startswith("entry 5 is missing")


def test_another_key_is_found_out_where_the_right_one_is_named() -> None:
    other = Signer(Ed25519PrivateKey.from_private_bytes(b"e" * 32))
    document = json.loads(json.dumps(bundle(ENTRIES, [], other)))
    assert "not with the one that was named" in found(document)[0]


@pytest.mark.parametrize("path", [("checkpoints", 0, "signature"), ("statement", "signatures", 0, "sig")])
def test_a_signature_that_was_changed_is_none(path: tuple[str | int, ...]) -> None:
    def change(document: Bundle) -> None:
        at: Any = document
        for part in path[:-1]:
            at = at[part]
        at[path[-1]] = base64.b64encode(bytes(64)).decode()

    assert "not signed by" in found(tampered(change))[0]


def test_a_statement_about_an_older_state_is_found_out() -> None:
    older = bundle(ENTRIES[:6], [], SIGNER)["statement"]
    assert "another state" in found(tampered(lambda document: document.update(statement=older)))[0]


def test_the_script_runs_alone_and_says_so_by_its_exit_code(tmp_path: Path) -> None:
    script, good, bad, kept = (tmp_path / name for name in ("v.py", "good.json", "bad.json", "kept.json"))
    script.write_text(Path(verify_ledger.__file__).read_text())
    good.write_text(json.dumps(WHOLE))
    bad.write_text(json.dumps(forged(3)))
    kept.write_text(json.dumps(checkpoint_document(KEPT)))

    def verify(*arguments: object) -> tuple[int, str]:
        ended = subprocess.run(
            [sys.executable, "-I", "-S", str(script), *map(str, arguments)], capture_output=True, text=True, check=False
        )
        return ended.returncode, ended.stdout

    assert verify(good, "--key-id", SIGNER.key_id, "--checkpoint", kept) == (
        0,
        f"valid: 8 entries of acme, signed with key {SIGNER.key_id}\n",
    )
    assert verify(bad, "--checkpoint", kept) == (
        6,
        "INVALID: entry 4 is missing: cut off, for a checkpoint reaches to 6\n",
    )
    bad.write_text('{"entries": 7}')
    assert verify(bad)[0] == 6


def test_the_verifier_is_short_enough_to_be_read() -> None:
    assert len(Path(verify_ledger.__file__).read_text().splitlines()) < 150


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=40), st.integers(0, 511))
def test_its_signatures_are_those_of_the_library(seed: bytes, message: bytes, bit: int) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    signature = key.sign(message)
    public = key.public_key().public_bytes_raw()
    assert verify_ledger.signed(public, message, signature)
    changed = bytearray(signature)
    changed[bit // 8] ^= 1 << bit % 8
    assert not verify_ledger.signed(public, message, bytes(changed))
    assert not verify_ledger.signed(public, message + b"!", signature)


def test_its_hash_is_that_of_the_ledger() -> None:
    for entry, document in zip(ENTRIES, WHOLE["entries"], strict=True):
        assert verify_ledger.entry_hash(document) == entry.hash == entry_hash(entry)


def test_the_canonical_bytes_of_an_entry_never_change() -> None:
    assert (
        canonical(ENTRIES[0])
        == (
            '{"at":"2026-11-24T12:00:00Z","body":{"count":0,"none":null,"note":"a\\tb\u2028\x7f\\\\\\"","who":"Zoë 0"},'
            '"installation":"acme","key":"k0","kind":"fact","noticedAt":"2026-11-24T12:00:00Z",'
            f'"previous":"{"0" * 64}","schemaVersion":1,"sequence":1}}'
        ).encode()
    )
    assert ENTRIES[0].hash == "f52b3bac1c66c394441a6954f4e42d7ed43856cbccb18cd45721e7b63f45d302"


class TestSigning:
    def test_a_key_is_made_once_and_only_its_owner_may_read_it(self, tmp_path: Path) -> None:
        path = tmp_path / "state" / "key.pem"
        assert load_signer(path).key_id == load_signer(path).key_id
        assert path.stat().st_mode & 0o777 == 0o600
        assert [file.name for file in path.parent.iterdir()] == ["key.pem"]

    def test_a_file_that_holds_no_key_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "key.pem").write_text("no key")
        with pytest.raises(InvalidInputError, match="cannot be used"):
            load_signer(tmp_path / "key.pem")

    def test_a_ledger_that_contradicts_an_earlier_checkpoint_is_not_signed(self) -> None:
        for entry in (ENTRIES[3], chain(6, salt="!")[5]):
            with pytest.raises(StuckError, match="contradicts its checkpoint at 6"):
                SIGNER.checkpoint(entry, NOW, earlier=(KEPT,))
