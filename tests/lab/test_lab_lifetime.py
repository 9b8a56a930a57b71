"""Everything that a lab starts ends with it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab.errors import LabError
from lab.reaper import members
from lab.simulated import NodeShape, SimulatedCluster
from lab.supervisor import Supervisor, end, running
from lab.tool_pins import SIMULATED
from lab.tools import ensure

OWNER = """
import signal, sys, time
from lab.supervisor import Supervisor
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs are started with it ignored
lab = Supervisor("owned")
lab.undo_at_end(["touch", sys.argv[1]])
lab.start("sleeper", ["sh", "-c", "sleep 300 & sleep 300"])
print(lab.folder, flush=True)
time.sleep(300)
"""


Owner = tuple["subprocess.Popen[str]", Path]


@pytest.fixture
def owned(tmp_path: Path) -> Iterator[Owner]:
    """A process that owns a lab, and the lab's folder, once both of the lab's sleepers run."""
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path / "undone")], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    ) as owner:
        try:
            assert owner.stdout is not None
            folder = Path(owner.stdout.readline().strip())
            # The shell forks its first sleeper and becomes the second some time after the owner has spoken.
            assert _comes_true(lambda: len(list(members(folder))) >= 2)
            yield owner, folder
        finally:
            owner.kill()


def _comes_true(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 30
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_lab_ends_with_its_owner_however_the_owner_ends(number: signal.Signals, owned: Owner, tmp_path: Path) -> None:
    owner, folder = owned
    owner.send_signal(number)
    owner.wait()
    assert _comes_true(lambda: not folder.exists())
    assert list(members(folder)) == []
    assert (tmp_path / "undone").exists()


def test_what_a_crash_of_owner_and_reaper_left_is_ended_by_hand(owned: Owner) -> None:
    owner, folder = owned
    reapers = subprocess.run(
        ["pgrep", "-f", f"lab.reaper {folder}"], capture_output=True, text=True, check=True
    ).stdout.split()
    for reaper in reapers:
        os.kill(int(reaper), signal.SIGKILL)
    owner.kill()
    owner.wait()
    assert folder in running()
    assert end(folder) >= 2
    assert _comes_true(lambda: not folder.exists())
    assert list(members(folder)) == []


def test_a_process_that_cannot_go_on_is_reported_with_its_last_lines() -> None:
    with Supervisor("failing") as lab:
        lab.start("broken", ["sh", "-c", "echo the reason >&2; exit 3"]).wait()
        with pytest.raises(LabError, match=r"broken ended with code 3; its last lines:\nthe reason"):
            lab.check()


def test_tools_that_are_built_are_not_built_again() -> None:
    ensure(SIMULATED)
    said: list[str] = []
    ensure(SIMULATED, progress=said.append)
    assert said == []


def test_two_simulated_clusters_live_side_by_side_and_know_nothing_of_each_other() -> None:
    with SimulatedCluster([NodeShape(name="only-here", zone="z")]) as first, SimulatedCluster([]) as second:
        assert "only-here" in first.kubectl("get", "nodes", "-o", "name")
        assert second.kubectl("get", "nodes", "-o", "name") == ""


def test_a_user_has_only_the_rights_that_somebody_gave_it(simulated_cluster: SimulatedCluster, tmp_path: Path) -> None:
    config = tmp_path / "nobody.kubeconfig"
    config.write_text(simulated_cluster.user_kubeconfig("nobody-in-particular"))
    refused = simulated_cluster.kubectl("--kubeconfig", str(config), "auth", "can-i", "list", "nodes", check=False)
    assert refused.strip() == "no"
