"""`kastellan maintain` with the real engine, API server and PostgreSQL, also killed: emergencies are brought.

One installation goes through these tests, because each first `up` costs seconds; every test announces a release of its
own.
"""

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import yaml

from kastellan.adapters.store.opening import open_store
from lab.postgres import Postgres
from lab.pulumi_cli import PulumiCli
from lab.simulated import SimulatedCluster
from tests.lab.conftest import fresh_database
from tests.lab.emergency import Emergency
from tests.lab.engine import installation_stack, outputs, up
from tests.lab.test_provisioner import processes, require_nothing_left_over
from tests.waiting import until

RELEASES = ("v4.13.0", "v4.13.1", "v4.13.2", "v4.13.3")


@pytest.fixture(scope="module")
def installed(
    simulated_cluster: SimulatedCluster, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Emergency]:
    """An installation at v4.13.0 with terms."""
    folder = tmp_path_factory.mktemp("maintain")
    with installation_stack(
        PulumiCli(folder / "pulumi"), simulated_cluster, fresh_database(postgres), "maintained"
    ) as stack:
        emergency = Emergency(stack, folder)
        emergency.prepare()
        up(stack)
        yield emergency


@pytest.fixture
def due(installed: Emergency) -> tuple[Emergency, str, str]:
    """The installation, the version that it runs, and the next one, which was announced and may run at once."""
    before = str(outputs(installed.stack)["version"])
    wanted = RELEASES[RELEASES.index(before) + 1]
    installed.publish(*RELEASES[: RELEASES.index(wanted) + 1])
    installed.tick(installed.stack.name)
    return installed, before, wanted


def ended_well(emergency: Emergency, version: str) -> dict[str, Any]:
    """The run that brought the version: the only one for it, and nothing of it was done twice."""
    stack = emergency.stack
    runs = json.loads(emergency.kastellan("runs", "--json"))["runs"]
    (run,) = [run for run in runs if run["plan"]["version"] == version]
    assert run["verdict"] == "passed", run
    assert outputs(stack)["version"] == version
    assert yaml.safe_load(stack.path.read_text())["config"]["installation:version"] == version
    assert "valid" in emergency.kastellan("ledger", "verify", stack.name)
    points = list((emergency.folder / "restore-points").rglob("*.json"))
    assert len(points) == len(runs), points
    return dict(run)


def test_an_emergency_is_brought_recorded_and_then_nothing_is_due(due: tuple[Emergency, str, str]) -> None:
    emergency, before, wanted = due
    name = emergency.stack.name
    assert f"{before} → {wanted}" in emergency.kastellan("plan", name)
    emergency.kastellan("maintain", name)
    run = ended_well(emergency, wanted)
    assert [step["name"] for step in run["steps"] if len(step["attempts"]) != 1] == []
    (status,) = json.loads(emergency.kastellan("status", name, "--json"))["installations"]
    assert status["version"] == wanted
    assert "nothing is due now" in emergency.kastellan("maintain", name, code=5)  # it was named, outside of a window
    assert ended_well(emergency, wanted) == run


@contextlib.contextmanager
def maintaining(emergency: Emergency) -> Iterator["subprocess.Popen[bytes]"]:
    """`kastellan maintain` in the background."""
    program, named = emergency.command("maintain", emergency.stack.name)
    with (
        (emergency.folder / "log").open("ab") as log,
        subprocess.Popen(program, **named, stdout=log, stderr=log) as running,
    ):
        yield running


def dies(process: int) -> None:
    os.kill(process, signal.SIGKILL)


def test_killed_in_every_step_it_is_finished_by_the_next_call(
    due: tuple[Emergency, str, str], simulated_cluster: SimulatedCluster
) -> None:
    emergency, _, wanted = due
    with open_store(emergency.store_url) as store:

        def reached(step: str, running: "subprocess.Popen[bytes]") -> bool:
            of_this = [run for run in store.journal.runs() if str(run.plan.version) == wanted]
            begun = [one.name for run in of_this for one in run.steps if one.attempts]
            return step in begun or running.poll() is not None

        for step in ("restore-point", "preview-guard", "up", "verification"):
            with maintaining(emergency) as running:
                until(partial(reached, step, running), seconds=240)
                assert running.poll() is None, (emergency.folder / "log").read_text()
                dies(running.pid)
    emergency.kastellan("maintain", emergency.stack.name)
    ended_well(emergency, wanted)
    require_nothing_left_over(simulated_cluster, emergency.stack.name, wanted)


def test_an_engine_and_a_provider_that_die_are_followed_by_others_in_the_same_run(
    due: tuple[Emergency, str, str], simulated_cluster: SimulatedCluster
) -> None:
    emergency, _, wanted = due
    with maintaining(emergency) as running:
        first = until(lambda: processes(running.pid, doing=b"\0up\0"), seconds=240)
        dies(first["engine"][0])
        second = until(lambda: processes(running.pid, doing=b"\0up\0", but=first["engine"]), seconds=60)
        dies(second["provider"][0])
        assert running.wait(300) == 0, (emergency.folder / "log").read_text()
    run = ended_well(emergency, wanted)
    (up_step,) = (step for step in run["steps"] if step["name"] == "up")
    assert len(up_step["attempts"]) == 1, "both deaths are within one attempt of the step"
    require_nothing_left_over(simulated_cluster, emergency.stack.name, wanted)
