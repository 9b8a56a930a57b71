"""`kastellan maintain` with the real engine, API server and PostgreSQL, also killed: an emergency is brought."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from kastellan.adapters.store.opening import open_store
from lab.postgres import binaries
from lab.simulated import SimulatedCluster
from lab.stack import Stack, write_catalogue
from tests.lab.test_provisioner import processes, require_nothing_left_over
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


def store_url(folder: Path) -> str:
    return f"sqlite:///{folder / 'store.sqlite'}"


def command(stack: Stack, folder: Path, *arguments: str) -> tuple[list[str], dict[str, Any]]:
    environment = {
        **stack.pulumi.environment,
        "XDG_STATE_HOME": str(folder / "state"),
        "KASTELLAN_STORE": store_url(folder),
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


@contextlib.contextmanager
def maintaining(stack: Stack, folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """`kastellan maintain` in the background."""
    program, named = command(stack, folder, "maintain", stack.name)
    with (folder / "log").open("ab") as log, subprocess.Popen(program, **named, stdout=log, stderr=log) as running:
        yield running


def dies(process: int) -> None:
    os.kill(process, signal.SIGKILL)


def test_killed_in_every_step_it_is_finished_by_the_next_call(
    due: Stack, tmp_path: Path, simulated_cluster: SimulatedCluster
) -> None:
    with open_store(store_url(tmp_path)) as store:

        def reached(step: str, running: "subprocess.Popen[bytes]") -> bool:
            begun = [one.name for run in store.journal.runs() for one in run.steps if one.attempts]
            return step in begun or running.poll() is not None

        for step in ("restore-point", "preview-guard", "up", "verification"):
            with maintaining(due, tmp_path) as running:
                until(partial(reached, step, running), seconds=240)
                assert running.poll() is None, (tmp_path / "log").read_text()
                dies(running.pid)
    kastellan(due, tmp_path, "maintain", due.name)
    ended_well(due, tmp_path)
    require_nothing_left_over(simulated_cluster, due.name, "v4.13.1")


def test_an_engine_and_a_provider_that_die_are_followed_by_others_in_the_same_run(
    due: Stack, tmp_path: Path, simulated_cluster: SimulatedCluster
) -> None:
    with maintaining(due, tmp_path) as running:
        first = until(lambda: processes(running.pid, doing=b"\0up\0"), seconds=240)
        dies(first["engine"][0])
        second = until(lambda: processes(running.pid, doing=b"\0up\0", but=first["engine"]), seconds=60)
        dies(second["provider"][0])
        assert running.wait(300) == 0, (tmp_path / "log").read_text()
    run = ended_well(due, tmp_path)
    (up_step,) = (step for step in run["steps"] if step["name"] == "up")
    assert len(up_step["attempts"]) == 1, "both deaths are within one attempt of the step"
    require_nothing_left_over(simulated_cluster, due.name, "v4.13.1")
