"""What a run's signed statement says, and that a third party finds every change to it."""

import base64
import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from kastellan.adapters.evidence.run_bundle import run_bundle, run_statement, statement_digest
from kastellan.adapters.store import verify_ledger
from kastellan.adapters.store.signing import Signer
from kastellan.domain.errors import InvalidInputError
from kastellan.domain.run import fold
from kastellan.domain.run_step import ORDER
from tests.finished_runs import blocked_run, ledger, passed_run
from tests.runs import run_plan

SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(b"k" * 32))
STATEMENT = run_statement(passed_run(), ledger())
BUNDLE = json.loads(json.dumps(run_bundle(STATEMENT, SIGNER)))


def found(bundle: dict[str, Any], key_id: str = SIGNER.key_id) -> list[str]:
    return list(verify_ledger.flaws(bundle, key_id, []))


def test_it_says_what_was_brought_when_by_which_steps_and_what_was_agreed() -> None:
    images, installation = STATEMENT["subject"]
    assert images == {"name": "r/zitadel", "digest": {"sha256": "a" * 64}}
    assert installation["name"] == "acme"
    said = STATEMENT["predicate"]
    assert [step["name"] for step in said["steps"]] == [name.value for name in ORDER]
    assert said["preflight"] == {"digest": "sha256:" + "d" * 64}
    assert (said["verdict"], said["responsible"]) == ("passed", None)
    assert [one["kind"] for one in said["decisions"]] == ["window-offered", "decided"]
    assert said["plan"]["windowStart"] == "2026-12-08T21:00:00Z"


def test_a_run_that_did_not_pass_names_who_is_responsible_and_every_attempt() -> None:
    said = run_statement(blocked_run(), [])["predicate"]
    assert (said["verdict"], said["responsible"], said["reason"]) == ("blocked", "customer", "the disk is full")
    preflight = next(step for step in said["steps"] if step["name"] == "preflight")
    assert [attempt["outcome"] and attempt["outcome"]["is"] for attempt in preflight["attempts"]] == [None, "blocked"]


def test_nothing_is_stated_about_a_run_that_is_not_over() -> None:
    with pytest.raises(InvalidInputError, match="is not over"):
        run_statement(fold(run_plan(), []), [])


def test_what_is_signed_is_canonical_and_its_digest_is_of_these_bytes() -> None:
    payload = base64.b64decode(BUNDLE["statement"]["payload"])
    assert payload == rfc8785.dumps(STATEMENT)
    assert found(BUNDLE) == []
    assert len(statement_digest(STATEMENT)) == 64


def test_another_key_another_run_and_another_signature_are_found() -> None:
    assert found(BUNDLE, "0" * 64)[0].startswith("the bundle is signed with key")
    assert found(BUNDLE | {"run": "another"}) == ["the statement is about another run"]
    other = Signer(Ed25519PrivateKey.from_private_bytes(b"x" * 32))
    forged = copy.deepcopy(BUNDLE)
    forged["statement"] = run_bundle(STATEMENT, other)["statement"]
    assert found(forged) == ["the statement is not signed by the bundle's key"]


@given(st.sampled_from(["verdict", "responsible", "reason", "versionAfter", "endedAt"]), st.text(max_size=20))
def test_every_edit_of_the_statement_is_found(field: str, text: str) -> None:
    statement = copy.deepcopy(STATEMENT)
    before = statement["predicate"][field]
    statement["predicate"][field] = text
    edited = copy.deepcopy(BUNDLE)
    edited["statement"]["payload"] = base64.b64encode(rfc8785.dumps(statement)).decode()
    assert found(edited) == ([] if text == before else ["the statement is not signed by the bundle's key"])


def test_the_stand_alone_verifier_needs_nothing_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text(json.dumps(BUNDLE))
    verifier = str(Path(verify_ledger.__file__))
    done = subprocess.run(
        [sys.executable, "-I", "-S", verifier, str(path), "--key-id", SIGNER.key_id],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.split(" of ")[0]) == (0, f"valid: run {BUNDLE['run']}")
    path.write_text(json.dumps(BUNDLE).replace('"run"', '"ran"'))
    damaged = subprocess.run([sys.executable, "-I", "-S", verifier, str(path)], capture_output=True, check=False)
    assert damaged.returncode == 6
