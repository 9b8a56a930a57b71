"""`kastellan maintain` with the real engine, API server and PostgreSQL, also killed: an emergency is brought."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.postgres import binaries
from lab.stack import Stack, write_catalogue
from tests.lab.test_pulumi_release import DIGEST, outputs, stack, up
from tests.waiting import until

__all__ = ["stack"]
PROGRAMS = Path(sys.executable).parent


@pytest.fixture
def due(stack: Stack, tmp_path: Path) -> Stack:
    """An installation at v4.13.0 for which v4.13.1, a security release, was announced: it may run at once."""
    catalogue = stack.pulumi.project / "catalogue.yaml"
    images = (f"localhost/zitadel@{DIGEST}", f"localhost/login@{DIGEST}")
    write_catalogue(catalogue, dict.fromkeys(("v4.13.0", "v4.13.1"), images))
    document = yaml.safe_load(catalogue.read_text())
    document["releases"][1]["class"] = "security"
    catalogue.write_text(yaml.safe_dump(document))
    stack.change(
        contract={
            "plan": "advanced",
            "zone": "Europe/Zurich",
            "notify": ["operations"],
            "terms": {"emergencyLead": "0h"},
            "runs": {"soak": "10s"},
        },
        restorePoints={"directory": str(tmp_path / "restore-points")},
        probes={"externalName": False},  # no name server knows the customer
    )
    up(stack)
    channels = tmp_path / "channels.yaml"
    (tmp_path / "out").mkdir()
    channels.write_text(f"operations: {(tmp_path / 'out').as_uri()}\n")
    channels.chmod(0o600)
    for _ in range(2):
        kastellan(stack, tmp_path, "tick", stack.name, "--channels", str(channels))
    return stack


def command(stack: Stack, folder: Path, *arguments: str) -> tuple[list[str], dict[str, Any]]:
    environment = {
        **stack.pulumi.environment,
        "XDG_STATE_HOME": str(folder / "state"),
        "PATH": f"{binaries()}{os.pathsep}{stack.pulumi.environment['PATH']}",
    }
    return [str(PROGRAMS / "kastellan"), *arguments], {"cwd": stack.pulumi.project, "env": environment}


def kastellan(stack: Stack, folder: Path, *arguments: str, code: int = 0) -> str:
    program, named = command(stack, folder, *arguments)
    done = subprocess.run(program, **named, capture_output=True, text=True, check=False, timeout=500)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def ended_well(stack: Stack, folder: Path) -> dict[str, Any]:
    (run,) = json.loads(kastellan(stack, folder, "runs", "--json"))["runs"]
    assert run["verdict"] == "passed", run
    assert outputs(stack)["version"] == "v4.13.1"
    assert yaml.safe_load(stack.path.read_text())["config"]["installation:version"] == "v4.13.1"
    assert "valid" in kastellan(stack, folder, "ledger", "verify", stack.name)
    points = list((folder / "restore-points").rglob("*.json"))
    assert len(points) == 1, points
    return dict(run)


def test_an_emergency_is_brought_recorded_and_then_nothing_is_due(due: Stack, tmp_path: Path) -> None:
    assert "v4.13.0 → v4.13.1" in kastellan(due, tmp_path, "plan", due.name)
    kastellan(due, tmp_path, "maintain", due.name)
    run = ended_well(due, tmp_path)
    assert [step["name"] for step in run["steps"] if len(step["attempts"]) != 1] == []
    assert (
        json.loads(kastellan(due, tmp_path, "status", due.name, "--json", code=0))["installations"][0]["version"]
        == "v4.13.1"
    )


@pytest.mark.parametrize("step", ["restore-point", "preview-guard", "up", "verification"])
def test_killed_in_a_step_it_is_finished_by_the_next_call(due: Stack, tmp_path: Path, step: str) -> None:
    program, named = command(due, tmp_path, "maintain", due.name)
    with (tmp_path / "log").open("wb") as log:
        running = subprocess.Popen(program, **named, stdout=log, stderr=log)

    def reached() -> bool:
        found = json.loads(kastellan(due, tmp_path, "runs", "--json"))["runs"]
        begun = [one["name"] for run in found for one in run["steps"] if one["attempts"]]
        return step in begun or running.poll() is not None

    until(reached, seconds=240)
    assert running.poll() is None, (tmp_path / "log").read_text()
    os.kill(running.pid, signal.SIGKILL)
    running.wait(30)
    kastellan(due, tmp_path, "maintain", due.name)
    ended_well(due, tmp_path)
