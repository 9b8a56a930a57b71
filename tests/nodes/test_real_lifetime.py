"""Nothing of a cluster with real nodes outlives it, however it ends: processes, containers, links, groups, mounts."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab import node_cgroup
from lab.real import RealCluster
from lab.reaper import CLEANUP, members
from tests.waiting import until

OWNER = """
import time
from lab.real import RealCluster
cluster = RealCluster(zones=("zone-a",))
cluster.kubectl("run", "idle", "--image", cluster.pod_image.reference)
cluster.kubectl("wait", "--for=condition=Ready", "pod/idle", "--timeout=60s")
print(cluster.supervisor.folder, flush=True)
time.sleep(300)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """What a cluster has on the machine.

    Attributes:
        links: network links.
        groups: control groups.
        mounts: mounts that the machine sees.
        processes: ids of all processes, those of containers too.
    """

    links: frozenset[str]
    groups: frozenset[Path]
    mounts: frozenset[str]
    processes: frozenset[int]


def _name(folder: Path) -> str:
    """What the cluster calls its link, and its control groups after it."""
    commands = [json.loads(line) for line in (folder / CLEANUP).read_text().splitlines()]
    return next(str(command[-1]) for command in commands if command[:3] == ["ip", "link", "delete"])


def _traces(folder: Path, name: str) -> Traces:
    # In every hierarchy that is mounted, also in one that the cluster was not told of.
    groups = {group for depth in ("", "*/") for group in node_cgroup.ROOT.glob(f"{depth}{name}-*")}
    contained = {pid for group in groups for folder, _, _ in os.walk(group) for pid in _processes(Path(folder))}
    return Traces(
        links=frozenset(path.name for path in Path("/sys/class/net").iterdir() if path.name == name),
        groups=frozenset(groups),
        mounts=frozenset(line for line in _lines(Path("/proc/mounts")) if str(folder) in line or name in line),
        processes=frozenset(contained | set(members(folder))),
    )


def _processes(group: Path) -> list[int]:
    """The processes of a control group; none once it is removed, which may happen while it is looked at."""
    try:
        return [int(pid) for pid in (group / "cgroup.procs").read_text().split()]
    except OSError:  # the kernel answers ENODEV for a group that goes while it is open
        return []


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines()


def _is_gone(traces: Traces, folder: Path, name: str) -> bool:
    """Also none of the processes that there were: containers forget whose they are."""
    nothing = Traces(links=frozenset(), groups=frozenset(), mounts=frozenset(), processes=frozenset())
    alive = [pid for pid in traces.processes if Path(f"/proc/{pid}").exists()]
    return _traces(folder, name) == nothing and not alive and not folder.exists()


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A place of its own for what runs: `down` ends every lab that it finds, and others may be at work."""
    return {**os.environ, "XDG_STATE_HOME": str(tmp_path)}


@pytest.fixture
def owner(environment: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """A process that owns a cluster with one node and a container in it."""
    process = subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True, env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _folder(owner: "subprocess.Popen[str]") -> Path:
    assert owner.stdout is not None
    return Path(owner.stdout.readline().strip())


def _commands(traces: Traces) -> Iterator[str]:
    """Names of the processes, without those that ended while they were looked at."""
    for pid in traces.processes:
        try:
            yield Path(f"/proc/{pid}/comm").read_text().strip()
        except OSError:
            continue


def _is_complete(traces: Traces) -> bool:
    """There is something to lose: the link, groups, and a container's process that no marker names."""
    commands = set(_commands(traces))
    return bool(traces.links and traces.groups) and {"kubelet", "containerd", "coredns", "pod-tools"} <= commands


def _down(environment: dict[str, str]) -> str:
    command = [sys.executable, "-m", "lab", "down"]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment, timeout=60).stdout


def test_nothing_remains_when_the_owner_is_killed_and_a_cluster_beside_it_does_not_notice(
    owner: "subprocess.Popen[str]", real_cluster: RealCluster
) -> None:
    folder = _folder(owner)
    name = _name(folder)
    traces = _traces(folder, name)
    assert _is_complete(traces)
    owner.kill()
    owner.wait()
    until(lambda: _is_gone(traces, folder, name), seconds=20)
    real_cluster.supervisor.check()
    real_cluster.wait_until_ready(*real_cluster.nodes, seconds=5)
    beside = real_cluster.supervisor.folder
    assert _traces(beside, _name(beside)).links


def test_down_removes_what_a_crash_of_owner_and_reaper_left(
    owner: "subprocess.Popen[str]", environment: dict[str, str]
) -> None:
    folder = _folder(owner)
    name = _name(folder)
    traces = _traces(folder, name)
    found = subprocess.run(["pgrep", "-f", f"lab.reaper {folder}"], capture_output=True, text=True, check=True)
    for reaper in found.stdout.split():
        os.kill(int(reaper), signal.SIGKILL)
    owner.kill()
    owner.wait()
    assert _is_complete(_traces(folder, name)), "the crash left all of it"
    assert f"ended {folder.name}: " in _down(environment)
    until(lambda: _is_gone(traces, folder, name), seconds=10)


def test_a_cluster_that_is_left_running_goes_on_until_down(environment: dict[str, str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lab", "up", "--nodes", "real", "--detach"]
    try:
        up = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, timeout=120)
        assert "real nodes are ready after" in up.stdout
        [folder] = (tmp_path / "kastellan" / "lab").iterdir()
        name = _name(folder)
        traces = _traces(folder, name)
        assert list(_commands(traces)).count("kubelet") == 3
    finally:
        said = _down(environment)
    assert f"ended {folder.name}: " in said
    until(lambda: _is_gone(traces, folder, name), seconds=10)
