"""A signed report is found out whatever is changed in it, by kastellan and by the verifier that needs only Python."""

import base64
import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kastellan.adapters.evidence.report_file import read_report
from kastellan.adapters.evidence.signed_report import flaws, sign
from kastellan.adapters.store import signing
from kastellan.adapters.store.signing import Signer
from kastellan.domain.canonical import canonical, digest
from kastellan.domain.errors import InvalidInputError
from kastellan.preflight.report_document import report_document
from tests.unit.preflight.platforms import bad, report

_VERIFIER = Path(signing.__file__).with_name("verify_report.py")
_VENDOR = Signer(Ed25519PrivateKey.from_private_bytes(b"v" * 32))
_CUSTOMER = Signer(Ed25519PrivateKey.from_private_bytes(b"c" * 32))
_REPORT = report_document(report(bad()))
_SIGNED = sign(_REPORT, _VENDOR)


def _changes(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every place in a document with something else to stand there; of a list's rows, which are alike, both ends."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _changes(inner, (*path, key))
        yield (*path, "more"), 1
    elif isinstance(value, list):
        for number in sorted({0, len(value) - 1} if value else ()):
            yield from _changes(value[number], (*path, number))
    elif isinstance(value, bool):
        yield path, not value
    elif isinstance(value, str):
        yield path, f"{value}x"
    else:
        yield path, (value or 0) + 1


def _changed(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(document)
    place = changed
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    return changed


def _resealed(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """The envelope with another payload and the signatures of the old one."""
    statement = _changed(json.loads(base64.b64decode(_SIGNED["payload"])), path, value)
    return {**_SIGNED, "payload": base64.b64encode(canonical(statement)).decode()}


def test_what_was_signed_verifies_and_names_its_subjects() -> None:
    assert flaws(_SIGNED, (_VENDOR.key_id,)) == []
    statement = json.loads(base64.b64decode(_SIGNED["payload"]))
    subjects = {one["name"]: one["digest"]["sha256"] for one in statement["subject"]}
    assert subjects["report"] == digest(_REPORT)
    assert subjects["spec"] == _REPORT["spec"]["sha256"]
    assert f"cluster/{_REPORT['cluster']['uid']}" in subjects
    tests = statement["predicate"]
    assert statement["predicate"]["result"] == "FAILED"
    assert "CAP-1" in tests["failedTests"]  # unknown is no pass in a vocabulary that has no word for it
    listed = [*tests["passedTests"], *tests["warnedTests"], *tests["failedTests"]]
    assert sorted(listed) == sorted(row["id"] for row in _REPORT["findings"])


def test_any_change_of_any_field_of_the_envelope_is_found() -> None:
    for path, value in _changes(_SIGNED):
        assert flaws(_changed(_SIGNED, path, value)), path


def test_any_change_of_any_field_of_the_statement_or_the_report_is_found() -> None:
    statement = json.loads(base64.b64decode(_SIGNED["payload"]))
    for path, value in _changes(statement):
        assert flaws(_resealed(path, value)), path


def test_a_report_that_contradicts_its_own_statement_is_found_although_it_is_signed() -> None:
    statement = json.loads(base64.b64decode(_SIGNED["payload"]))
    statement["predicate"]["passedTests"].append("ZON-1")
    envelope = _VENDOR.envelope(canonical(statement))
    key = base64.b64encode(_VENDOR.public_key).decode()
    envelope["signatures"] = [{**one, "publicKey": key} for one in envelope["signatures"]]
    assert flaws(envelope) == [
        "the statement does not follow from the report inside: digest, subjects or lists of tests differ"
    ]


def test_a_customer_countersigns_the_same_statement() -> None:
    both = sign(_SIGNED, _CUSTOMER)
    assert both["payload"] == _SIGNED["payload"]
    assert flaws(both, (_VENDOR.key_id, _CUSTOMER.key_id)) == []
    assert flaws(_SIGNED, (_CUSTOMER.key_id,)) == [f"key {_CUSTOMER.key_id} has not signed it"]


@pytest.mark.parametrize(
    ("document", "says"),
    [(_SIGNED, "signed with this key already"), (_resealed(("predicate", "result"), "PASSED"), "will not be")],
)
def test_nobody_countersigns_what_does_not_verify_or_signs_twice(document: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInputError, match=says):
        sign(document, _VENDOR)


def test_the_report_inside_is_read_as_the_report_itself(tmp_path: Path) -> None:
    path = tmp_path / "report.signed.json"
    path.write_text(json.dumps(_SIGNED), encoding="utf-8")
    assert read_report(path) == json.loads(canonical(_REPORT))


@pytest.mark.parametrize(
    ("document", "arguments", "code", "says"),
    [
        (_SIGNED, ["--key-id", _VENDOR.key_id], 0, f"signed with key {_VENDOR.key_id}"),
        (_SIGNED, ["--key-id", _CUSTOMER.key_id], 6, "has not signed it"),
        (_resealed(("predicate", "report", "overall"), "passed"), [], 6, "it is not as key"),
        ({**_SIGNED, "payload": "AAAA"}, [], 6, "INVALID"),
        ({**_SIGNED, "signatures": []}, [], 6, "nobody signed it"),
    ],
)
def test_the_small_verifier_comes_to_the_same_with_pythons_own_library(
    tmp_path: Path, document: dict[str, Any], arguments: list[str], code: int, says: str
) -> None:
    path = tmp_path / "report.signed.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-E", "-S", _VERIFIER, path, *arguments], capture_output=True, text=True, check=False
    )
    assert (done.returncode, says in done.stdout) == (code, True), done.stdout + done.stderr
