"""The shell lines of docs/evidence.md, as somebody without kastellan runs them on a report that was signed."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from kastellan.adapters.evidence.signed_report import sign
from kastellan.adapters.store import signing
from kastellan.adapters.store.signing import Signer, load_signer
from kastellan.preflight.report_document import report_document
from tests.unit.preflight.platforms import bad, report

_BLOCKS = re.findall(
    r"```sh\n(.*?)```", (Path(__file__).parents[3] / "docs" / "evidence.md").read_text(encoding="utf-8"), re.DOTALL
)
_PYTHON, _OPENSSL, _LOOK = _BLOCKS


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    """Signs a report of a bad platform into the folder; `CI=true` takes no excuse for a missing program."""
    if missing := [name for name in ("jq", "openssl", "sha256sum") if not shutil.which(name)]:
        message = f"THE LINES OF docs/evidence.md DID NOT RUN: apt-get install {' '.join(missing)}"
        if os.environ.get("CI", "").lower() in {"1", "true"}:
            pytest.fail(message)
        pytest.skip(message)
    signer = load_signer(tmp_path / "key.pem")
    (tmp_path / "report.signed.json").write_text(json.dumps(sign(report_document(report(bad())), signer), indent=1))
    for name in ("verify_report.py", "verify_ledger.py"):
        shutil.copy(Path(signing.__file__).with_name(name), tmp_path)
    return signer


def _run(block: str, folder: Path, key_id: str) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": os.environ["PATH"], "KEY_ID": key_id}
    command = ["bash", "-e", "-o", "pipefail", "-c", block]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("block", [_PYTHON, _OPENSSL], ids=["python", "openssl"])
def test_a_report_verifies_with_the_key_that_signed_it_and_with_no_other(
    signer: Signer, tmp_path: Path, block: str
) -> None:
    good = _run(block, tmp_path, signer.key_id)
    assert good.returncode == 0, good.stdout + good.stderr
    assert "Verified Successfully" in good.stdout or "valid" in good.stdout
    assert _run(block, tmp_path, "0" * 64).returncode != 0


@pytest.mark.parametrize("block", [_PYTHON, _OPENSSL], ids=["python", "openssl"])
def test_a_report_that_was_changed_by_one_letter_does_not_verify(signer: Signer, tmp_path: Path, block: str) -> None:
    path = tmp_path / "report.signed.json"
    envelope = json.loads(path.read_text())
    at = len(envelope["payload"]) // 2
    other = "B" if envelope["payload"][at] == "A" else "A"
    envelope["payload"] = envelope["payload"][:at] + other + envelope["payload"][at + 1 :]
    path.write_text(json.dumps(envelope))
    assert _run(block, tmp_path, signer.key_id).returncode != 0


def test_what_was_signed_is_the_whole_report(signer: Signer, tmp_path: Path) -> None:
    assert _run(_OPENSSL, tmp_path, signer.key_id).returncode == 0
    looked = _run(_LOOK, tmp_path, signer.key_id)
    assert looked.returncode == 0, looked.stderr
    assert json.loads((tmp_path / "report.json").read_text()) == json.loads(json.dumps(report_document(report(bad()))))
    assert looked.stdout.startswith("report ")
