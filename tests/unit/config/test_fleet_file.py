"""The fleet file: every error at once, and names that mean nobody are errors."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from kastellan.config.fleet_file import fleet_schema, read_fleet
from kastellan.domain.errors import InvalidInputError
from kastellan.domain.fleet import Fleet, Share

ROOT = Path(__file__).parents[3]
STACKS = ("acme", "bolt", "internal", "sandbox-1")


def read(folder: Path, text: str) -> Fleet:
    (folder / "fleet.yaml").write_text(text)
    return read_fleet(folder / "fleet.yaml", stacks=STACKS)


def test_the_example_is_valid_and_says_what_it_means() -> None:
    fleet = read_fleet(ROOT / "stacks" / "fleet.example.yaml", stacks=STACKS)
    assert [name for name in STACKS if fleet.has(name)] == ["acme", "bolt", "internal"]
    assert (fleet.canary, fleet.canary_soak) == (("internal",), timedelta(days=1))
    assert [wave.size for wave in fleet.waves] == [Share(number=5), Share(percent=25)]
    assert fleet.ends_of_waves(100) == (5, 30, 100)
    assert (fleet.at_once, fleet.per_account, fleet.per_region, fleet.stop_after) == (8, 2, 4, 1)
    assert fleet.spread == 50


def test_every_error_is_told_at_once_with_its_path(tmp_path: Path) -> None:
    text = """
schemaVersion: 2
canery: {installations: [x]}
waves:
  - size: 0
  - size: 120%
    soak: soon
limits: {atOnce: 0}
stop: {explained: [{run: a}]}
spread: 50
"""
    with pytest.raises(InvalidInputError) as refused:
        read(tmp_path, text)
    paths = {reason.path for reason in refused.value.reasons}
    assert paths == {
        "schemaVersion", "canery", "waves[0].size", "waves[1].size", "waves[1].soak", "limits.atOnce",
        "stop.explained[0].who", "stop.explained[0].why", "spread",
    }  # fmt: skip
    assert "did you mean canary?" in str(refused.value)


def test_names_of_nobody_are_refused(tmp_path: Path) -> None:
    text = "{schemaVersion: 1, exclude: [bolt], canary: {installations: [amce, bolt]}, places: {cold: {region: r}}}"
    with pytest.raises(InvalidInputError) as refused:
        read(tmp_path, text)
    assert [reason.path for reason in refused.value.reasons] == [
        "canary.installations[0]", "canary.installations[1]", "places.cold",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "[]", "a: [", "x"])
def test_what_is_no_fleet_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidInputError, match="the fleet file"):
        read(tmp_path, text)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"none\.yaml cannot be read"):
        read_fleet(tmp_path / "none.yaml", stacks=STACKS)


def test_the_published_schema_is_the_one_of_the_code() -> None:
    published = (ROOT / "docs" / "fleet.schema.json").read_text()
    assert published == json.dumps(fleet_schema(), indent=2, ensure_ascii=False) + "\n"
