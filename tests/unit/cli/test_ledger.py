"""`kastellan ledger` on a real store in a file."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kastellan.adapters.store.opening import open_store
from kastellan.cli.main import run
from kastellan.domain.ledger import Draft

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
Said = pytest.CaptureFixture[str]


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    monkeypatch.setenv("KASTELLAN_STORE", url)
    monkeypatch.setenv("KASTELLAN_SIGNING_KEY", str(tmp_path / "key.pem"))
    with open_store(url) as store:
        drafts = [Draft(kind="fact", key=str(number), at=NOW, body={"who": f"Ada {number}"}) for number in range(3)]
        store.append("acme", drafts, seen=0, noticed_at=NOW)
    return url


def _tamper(url: str, statement: str) -> None:
    with open_store(url) as store, store._transactions._engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER IF EXISTS entries_update")
        connection.exec_driver_sql("DROP TRIGGER IF EXISTS entries_delete")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql(statement)


def test_a_ledger_is_shown_verified_signed_and_exported(url: str, capsys: Said, tmp_path: Path) -> None:
    assert run(["ledger", "show", "acme"]) == 0
    assert "    2  2026-11-24T12:00:00Z  fact                      who Ada 1" in capsys.readouterr().out
    assert run(["ledger", "checkpoint", "acme", "--json"]) == 0
    (tmp_path / "kept.json").write_text(capsys.readouterr().out)
    assert run(["ledger", "verify", "acme"]) == 0
    assert capsys.readouterr().out == "valid: 3 entries, 1 checkpoints\n"
    assert run(["ledger", "export", "acme", "--output", str(tmp_path / "acme.json")]) == 0
    command = capsys.readouterr().out.partition("verify it with: python ")[2].split()
    ended = subprocess.run(
        [sys.executable, "-I", *command, "--checkpoint", str(tmp_path / "kept.json")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout.startswith("valid: 3 entries of acme")) == (0, True)


def test_show_gives_every_entry_as_json(url: str, capsys: Said) -> None:
    assert run(["ledger", "show", "acme", "--json"]) == 0
    assert [entry["sequence"] for entry in json.loads(capsys.readouterr().out)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE entries SET body = '{}' WHERE sequence = 2", "entry 2: its content does not have its hash"),
        ("DELETE FROM entries WHERE sequence = 1", "entry 1: it is missing, or out of order"),
    ],
)
def test_tampering_is_named_and_has_an_exit_code_of_its_own(url: str, capsys: Said, statement: str, says: str) -> None:
    _tamper(url, statement)
    assert run(["ledger", "verify", "acme"]) == 6
    assert f"INVALID: {says}" in capsys.readouterr().out


def test_an_unknown_installation_is_told_with_the_known_ones(url: str, capsys: Said) -> None:
    assert run(["ledger", "verify", "acem"]) == 2
    assert "there is no ledger of acem; ledgers here: acme" in capsys.readouterr().err
