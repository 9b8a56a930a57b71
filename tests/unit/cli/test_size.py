"""`kastellan size` as a person and a pipeline see it."""

import json
from pathlib import Path

import pytest

from kastellan.cli.main import run
from tests.golden import assert_golden


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
