"""`plan` and `runs` as an SRE and a pipeline see them."""

from pathlib import Path
from typing import Any

import pytest

from kastellan.adapters.store.opening import open_store
from tests.commands import CATALOGUE, Said, go_to, read, told
from tests.running import Scene

__all__ = ["go_to"]


def test_before_its_window_nothing_begins_and_the_next_one_is_named(go_to: Any, capsys: Said) -> None:
    go_to("2026-11-17T12:00")
    told(capsys, "tick", "acme")
    said = told(capsys, "plan", "acme", code=5)
    assert "acme: nothing is due now" in said
    assert "next: Tue 2026-12-08 22:00 (Europe/Zurich)" in said
    found = read(capsys, "plan", "acme", code=5)
    assert (found["due"], found["nextStart"]) == (False, "2026-12-08T21:00:00Z")


def test_in_its_window_every_step_is_shown_with_duration_and_traces(go_to: Any, capsys: Said, tmp_path: Path) -> None:
    (tmp_path / "catalogue.yaml").write_text(CATALOGUE)
    path = tmp_path / "stacks" / "Pulumi.acme.yaml"
    path.write_text(path.read_text() + "  installation:catalogue: catalogue.yaml\n")
    go_to("2026-11-02T12:00")
    told(capsys, "tick", "acme")
    go_to("2026-11-10T21:00")
    told(capsys, "decide", "acme", "permit", "regular/2026-11", "--who", "Ada Example", "--channel", "mail")
    go_to("2026-11-10T22:00")
    plan = read(capsys, "plan", "acme")
    assert (plan["before"], plan["version"], plan["undo"]) == ("v4.13.1", "v4.14.0", True)
    assert [step["name"] for step in plan["steps"]][:3] == ["lease", "contract", "preflight"]
    said = told(capsys, "plan", "acme")
    assert "acme: regular/2026-11, regular, v4.13.1 → v4.14.0" in said
    assert "window     Tue 2026-11-10 22:00 until Wed 2026-11-11 04:00 (Europe/Zurich)" in said
    for step in plan["steps"]:
        assert all(step[name] for name in ("precondition", "leaves", "undoneBy", "deadlineSeconds", "expectedSeconds"))
        rows = [line for line in said.splitlines() if line.startswith(f"{step['name']}  ")]
        assert len(rows) == 2, "its times, and its traces"
    assert "restore-point     10 min    default" in said
    assert "restore-point     a part of a dump, which is discarded" in said
    assert "the version before is written back" in said


def test_runs_are_listed_and_shown(capsys: Said, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    with open_store(url) as store:
        run = Scene(store).run()
    assert run.plan.id in told(capsys, "runs", "--store", url)
    (listed,) = read(capsys, "runs", "--store", url)["runs"]
    assert (listed["id"], listed["verdict"]) == (run.plan.id, "passed")
    assert read(capsys, "runs", "--store", url, "show", run.plan.id) == listed
    shown = told(capsys, "runs", "--store", url, "show", run.plan.id)
    assert "v4.13.0 → v4.13.1" in shown
    assert "2 of 3 resources would change, all allowed" in shown


def test_a_run_that_is_not_there_is_bad_input(capsys: Said, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    assert "there is no run x; the newest: none" in told(capsys, "runs", "--store", url, "show", "x", code=2)
    assert told(capsys, "runs", "--store", url) == "no runs yet\n"


@pytest.mark.parametrize("stack", ["nobody"])
def test_a_stack_that_is_not_there_is_bad_input(go_to: Any, capsys: Said, stack: str) -> None:
    go_to("2026-11-17T12:00")
    assert f"there is no stack {stack}" in told(capsys, "plan", stack, code=2)


_DIGEST = "@sha256:" + "a" * 64
