"""`kastellan size` as a person and a pipeline see it."""

import json
from pathlib import Path

import pytest

from kastellan.cli.main import run
from tests.golden import assert_golden

ROOT = Path(__file__).parents[3]


def test_the_reasoning_is_shown_line_by_line_with_its_sources(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["size", "--users", "50000", "--plan", "advanced"]) == 0
    assert_golden(Path(__file__).parent / "golden" / "size.txt", capsys.readouterr().out)


def test_a_pipeline_gets_the_same_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["size", "--users", "50000", "--plan", "advanced", "--platform", "eks", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["replicas"], shown["machineType"], shown["databaseTier"]) == (6, "m7i.xlarge", "db.m6i.large")
    assert all(step["source"] for step in shown["reasoning"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name a stack, or give a load by --users"),
        (["--logins", "5"], "--logins needs --users"),
        (["--users", "100000000"], "more than 96 replicas are not sized"),
    ],
)
def test_what_cannot_be_sized_says_why(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["size", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_a_stack_that_names_more_than_it_needs_is_told_what_it_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stacks").mkdir()
    (tmp_path / "Pulumi.yaml").write_text("name: installation\nstackConfigDir: stacks\n")
    example = (ROOT / "stacks" / "Pulumi.example-eks.yaml").read_text()
    stack = tmp_path / "stacks" / "Pulumi.acme.yaml"
    stack.write_text(example)
    assert run(["size", "acme"]) == 0
    assert "the stack makes more" not in capsys.readouterr().out
    stack.write_text(example.replace("# machineType: m7i.2xlarge", "machineType: m7i.2xlarge"))
    assert run(["size", "acme"]) == 0
    assert "the stack makes more: 3 zones x 2 x m7i.2xlarge, db.m6i." in capsys.readouterr().out
    assert run(["size", "acme", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["machineType"], shown["made"]["machineType"]) == ("m7i.xlarge", "m7i.2xlarge")
