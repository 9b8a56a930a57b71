"""The read-only preflight beside Replicated's, on one cluster of 1,000 nodes and 10,000 pods, in one run.

Theirs does its node and version analyzers, ours the whole read-only run; what needs a database or a way in comes to
UNKNOWN or NOT_APPLICABLE there. Both go through a proxy that counts the bytes of the connection; requests are counted
by the API server's audit log, each tool as a user of its own. All pods run before: theirs reads the logs of those that
do not, which took it ten minutes and 7,500 requests while they were starting.
"""

import json
import os
import re
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench.measure import Row, Seconds, command, peak_memory, ratio, seconds
from lab.simulated import SimulatedCluster, shapes
from lab.tool_pins import COMPARED
from lab.tools import ensure

_NODES, _PODS, _APPS, _RUNS = 999, 10_000, 50, 5
_READY_SECONDS = 600.0
_SPEC = """\
apiVersion: troubleshoot.sh/v1beta2
kind: Preflight
metadata: {name: nodes-and-version}
spec:
  analyzers:
    - clusterVersion:
        outcomes:
          - fail: {when: "< 1.30.0", message: too old}
          - pass: {message: new enough}
    - nodeResources:
        checkName: nodes
        outcomes:
          - fail: {when: "count() < 3", message: too few}
          - pass: {message: enough}
    - nodeResources:
        checkName: size
        outcomes:
          - fail: {when: "min(cpuAllocatable) < 1", message: too small}
          - pass: {message: large enough}
"""
_AUDIT = """\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted]
rules:
  - {level: Metadata, users: [ours, theirs]}
  - {level: None}
"""


class Proxy:
    """Forwards connections to one port of this machine and counts what comes back."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.received = 0
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            near, _ = self._listener.accept()
            far = socket.create_connection(("127.0.0.1", self._target))
            threading.Thread(target=self._copy, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self._copy, args=(far, near, True), daemon=True).start()

    def _copy(self, source: socket.socket, sink: socket.socket, count: bool) -> None:
        try:
            while data := source.recv(1 << 16):
                if count:
                    with self._lock:
                        self.received += len(data)
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            sink.close()


def measure() -> list[Row]:
    """Both tools, turn by turn."""
    theirs = ensure((COMPARED.name,))[COMPARED.name]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "audit.yaml").write_text(_AUDIT)
        (folder / "spec.yaml").write_text(_SPEC)
        flags = (f"--audit-policy-file={folder / 'audit.yaml'}", f"--audit-log-path={folder / 'audit.log'}")
        with SimulatedCluster(nodes=shapes(_NODES // 3), apiserver_flags=flags) as cluster:
            _fill(cluster)
            commands: dict[str, list[str | Path]] = {
                "ours": [
                    Path(sys.executable).with_name("kastellan"), "preflight", "--kubeconfig", folder / "ours",
                ],
                "theirs": [
                    theirs, folder / "spec.yaml", "--interactive=false", "--auto-update=false",
                    "--kubeconfig", folder / "theirs",
                ],
            }  # fmt: skip
            return _rows(cluster, folder, commands)


def _rows(cluster: SimulatedCluster, folder: Path, commands: Mapping[str, list[str | Path]]) -> list[Row]:
    environment = {**os.environ, "HOME": str(folder)}
    taken: dict[str, list[float]] = {tool: [] for tool in commands}
    received: dict[str, int] = {}
    memory: dict[str, float] = {}
    proxies = {tool: _proxied(cluster, tool, folder / tool) for tool in commands}
    loads = []
    for _ in range(_RUNS):
        for tool, arguments in commands.items():
            loads.append(os.getloadavg()[0])
            before = proxies[tool].received
            act = command(arguments, environment=environment, allowed=(0, 3, 4, 5), folder=folder)
            taken[tool] += seconds(act, runs=1).runs
            received[tool] = proxies[tool].received - before
    load = f"load average {min(loads):.1f} to {max(loads):.1f} before the runs"
    requests = _requests(folder / "audit.log")
    for tool, arguments in commands.items():
        memory[tool] = peak_memory(arguments, environment=environment, folder=folder)
    times = {tool: Seconds(tuple(values)) for tool, values in taken.items()}
    figures = {
        tool: f"{times[tool]}; {requests[tool] // _RUNS} requests; {received[tool] / 2**20:.1f} MiB received; "
        f"{memory[tool]:.0f} MiB of memory"
        for tool in commands
    }
    what = f"{_NODES} nodes, {_PODS:,} pods, read-only"
    return [
        (
            f"preflight, {what}: the whole run",
            f"{figures['ours']}; {ratio(times['ours'], times['theirs'])} times Replicated's; {load}",
            "`kastellan preflight --kubeconfig …`",
        ),
        (
            f"Replicated's preflight {COMPARED.version}, the same cluster: version and nodes",
            figures["theirs"],
            "`preflight spec.yaml --interactive=false`",
        ),
    ]


def _fill(cluster: SimulatedCluster) -> None:
    """Running pods of a few owners, bound already: the scheduler is not what is measured."""
    names = [node["metadata"]["name"] for node in cluster.request("GET", "/api/v1/nodes")["items"]]
    owners = [_owner(cluster, f"app-{number}") for number in range(_APPS)]

    def make(number: int) -> None:
        container = {
            "name": "c",
            "image": "localhost/nothing",
            "env": [{"name": f"SETTING_{n}", "value": "x" * 40} for n in range(10)],
            "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}},
        }
        owner = owners[number % _APPS]
        body: dict[str, Any] = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": f"pod-{number}", "labels": {"app": owner["name"]}, "ownerReferences": [owner]},
            "spec": {"nodeName": names[number % len(names)], "containers": [container]},
        }
        cluster.request("POST", "/api/v1/namespaces/default/pods", body)

    with ThreadPoolExecutor(max_workers=16) as pool:
        list(pool.map(make, range(_PODS)))
    deadline = time.monotonic() + _READY_SECONDS
    starting = "/api/v1/pods?limit=1&fieldSelector=status.phase%21%3DRunning"
    while cluster.request("GET", starting)["items"]:
        if time.monotonic() > deadline:
            raise RuntimeError(f"after {_READY_SECONDS:.0f} s not all pods run")
        time.sleep(1)


def _owner(cluster: SimulatedCluster, name: str) -> dict[str, Any]:
    """A reference to an owner that no controller looks after: a ReplicaSet would delete what it did not make."""
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}
    made = cluster.request("POST", "/api/v1/namespaces/default/configmaps", body)
    return {"apiVersion": "v1", "kind": "ConfigMap", "name": name, "uid": made["metadata"]["uid"], "controller": True}


def _proxied(cluster: SimulatedCluster, user: str, path: Path) -> Proxy:
    """A kubeconfig of an administrator of its own name, through a proxy."""
    text = cluster.user_kubeconfig(user, groups=("system:masters",))
    port = re.search(r"https://127\.0\.0\.1:(\d+)", text)
    if port is None:
        raise RuntimeError("the lab's API server is not on 127.0.0.1")
    proxy = Proxy(int(port[1]))
    path.write_text(text.replace(f"127.0.0.1:{port[1]}", f"127.0.0.1:{proxy.port}"))
    path.chmod(0o600)
    return proxy


def _requests(log: Path) -> dict[str, int]:
    counts = {"ours": 0, "theirs": 0}
    for line in log.read_text().splitlines():
        counts[json.loads(line)["user"]["username"]] += 1
    return counts
