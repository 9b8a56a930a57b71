"""`kastellan ledger` on a real store in a file."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
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
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
        database.executescript(
            f"DROP TRIGGER IF EXISTS entries_update; DROP TRIGGER IF EXISTS entries_delete; {statement}"
        )


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


BREAK = "UPDATE entries SET body = '{' WHERE sequence = 2"
EDIT = "UPDATE entries SET body = '{}' WHERE sequence = 2"
DELETE = "DELETE FROM entries WHERE sequence = 1"
SWAP = (
    "UPDATE entries SET sequence = 9 WHERE sequence = 2; UPDATE entries SET sequence = 2 WHERE sequence = 3; "
    "UPDATE entries SET sequence = 3 WHERE sequence = 9"
)
CUT = "DELETE FROM entries WHERE sequence = 3"


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        (EDIT, "entry 2: its content does not have its hash"),
        (BREAK, "entry 2: its content does not have its hash"),
        (DELETE, "entry 1: it is missing, or out of order"),
        (SWAP, "entry 2: it does not follow the entry before it"),
        (CUT, "entry 3 is missing: cut off, for the store wrote 3 entries"),
    ],
)
def test_tampering_is_named_and_has_an_exit_code_of_its_own(url: str, capsys: Said, statement: str, says: str) -> None:
    _tamper(url, statement)
    assert run(["ledger", "verify", "acme"]) == 6
    assert capsys.readouterr().out.startswith(f"INVALID: {says}")


class TestKeptCheckpoint:
    """Whoever rewrites the whole store, head and all, is found out by a checkpoint that somebody else kept."""

    @pytest.fixture
    def kept(self, url: str, capsys: Said, tmp_path: Path) -> Path:
        assert run(["ledger", "checkpoint", "acme", "--json"]) == 0
        path = tmp_path / "kept.json"
        path.write_text(capsys.readouterr().out)
        return path

    def rewrite(self, url: str, *bodies: str) -> None:
        for statement in ("DELETE FROM checkpoints", "DELETE FROM entries", "UPDATE chain_heads SET sequence = 0"):
            _tamper(url, statement)
        with open_store(url) as store:
            drafts = [Draft(kind="fact", key=str(n), at=NOW, body={"who": body}) for n, body in enumerate(bodies)]
            store.append("acme", drafts, seen=0, noticed_at=NOW)

    def verify(self, capsys: Said, kept: Path, code: int) -> str:
        assert run(["ledger", "verify", "acme", "--checkpoint", str(kept)]) == code
        return capsys.readouterr().out

    def test_the_ledger_that_was_signed_is_valid(self, kept: Path, capsys: Said) -> None:
        assert self.verify(capsys, kept, 0) == "valid: 3 entries, 2 checkpoints\n"

    def test_a_tail_that_was_cut_off_is_named(self, url: str, kept: Path, capsys: Said) -> None:
        self.rewrite(url, "Ada 0", "Ada 1")
        assert run(["ledger", "verify", "acme"]) == 0, "nobody sees it who kept nothing"
        capsys.readouterr()
        assert "INVALID: entry 3 is missing: cut off, for a checkpoint reaches to 3" in self.verify(capsys, kept, 6)

    def test_a_second_history_is_named(self, url: str, kept: Path, capsys: Said) -> None:
        self.rewrite(url, "Ada 0", "Eve 1", "Ada 2", "Ada 3")
        assert "INVALID: entry 3 is another than the one that was signed" in self.verify(capsys, kept, 6)

    def test_a_checkpoint_that_nobody_signed_is_none(self, kept: Path, capsys: Said) -> None:
        document = json.loads(kept.read_text())
        kept.write_text(json.dumps(document | {"signature": "AAAA"}))
        assert "the checkpoint at entry 3 is not signed by the key" in self.verify(capsys, kept, 6)
        kept.write_text(json.dumps(document | {"installation": "bolt"}))
        assert "is of another installation, bolt" in self.verify(capsys, kept, 6)
        kept.write_text("{}")
        assert run(["ledger", "verify", "acme", "--checkpoint", str(kept)]) == 2

    def test_without_the_key_its_signature_is_no_pass(
        self, kept: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("KASTELLAN_SIGNING_KEY", str(tmp_path / "elsewhere.pem"))
        assert "not checked: the signatures of 2 checkpoints" in self.verify(capsys, kept, 5)
        assert not (tmp_path / "elsewhere.pem").exists(), "a key that is made to verify with proves nothing"

    def test_the_verdict_is_there_for_machines(self, url: str, kept: Path, capsys: Said) -> None:
        _tamper(url, EDIT)
        assert run(["ledger", "verify", "acme", "--json"]) == 6
        document = json.loads(capsys.readouterr().out)
        assert document["flaws"] == ["entry 2: its content does not have its hash"]


def test_an_unknown_installation_is_told_with_the_known_ones(url: str, capsys: Said) -> None:
    assert run(["ledger", "verify", "acem"]) == 2
    assert "there is no ledger of acem; ledgers here: acme" in capsys.readouterr().err
