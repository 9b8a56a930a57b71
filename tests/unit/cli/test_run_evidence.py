"""`kastellan runs show --html --bundle` and `kastellan runs verify` on a store with a run."""

import json
from pathlib import Path

import pytest

from kastellan.adapters.store.opening import open_store
from kastellan.cli.main import run
from tests.running import Scene

Said = pytest.CaptureFixture[str]


@pytest.fixture
def shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Arguments that show a finished run."""
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    monkeypatch.setenv("KASTELLAN_SIGNING_KEY", str(tmp_path / "key.pem"))
    monkeypatch.chdir(tmp_path)
    with open_store(url) as store:
        finished = Scene(store).run()
    return ["runs", "--store", url, "show", finished.plan.id]


def test_page_and_statement_are_written_and_the_statement_verifies(
    shown: list[str], tmp_path: Path, capsys: Said
) -> None:
    page, bundle = tmp_path / "out" / "run.html", tmp_path / "out" / "run.json"
    assert run([*shown, "--html", str(page), "--bundle", str(bundle)]) == 0
    command = capsys.readouterr().out.partition("verify it with: kastellan ")[2].split()
    assert run(command) == 0
    assert capsys.readouterr().out == "valid\n"
    assert "<h1>acme</h1>" in page.read_text()
    document = json.loads(bundle.read_text())
    bundle.write_text(json.dumps(document | {"run": "another"}))
    assert run(command) == 6
    assert "INVALID: the statement is about another run" in capsys.readouterr().out


@pytest.mark.parametrize("content", ["", "[]", '{"kind":"LedgerBundle"}', '{"kind":"RunBundle"}'])
def test_what_is_no_bundle_is_invalid(content: str, tmp_path: Path, capsys: Said) -> None:
    (tmp_path / "x.json").write_text(content)
    assert run(["runs", "verify", str(tmp_path / "x.json")]) == 6
    assert "INVALID: this is no bundle" in capsys.readouterr().out


def test_a_file_that_is_not_there_is_bad_input(tmp_path: Path, capsys: Said) -> None:
    assert run(["runs", "verify", str(tmp_path / "absent.json")]) == 2
