"""A real control plane with simulated nodes (kwok): zones, capacities and taints as asked; no root, many side by side.

Pods are scheduled by the real scheduler and admitted by the real API server, but nothing runs in them: no answer of
such a pod proves anything, and nothing here pretends that it does.
"""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from lab.control_plane import ControlPlane
from lab.errors import LabError
from lab.supervisor import Supervisor
from lab.tool_pins import KUBERNETES
from lab.tools import ensure

ZONES = ("zone-a", "zone-b", "zone-c")
_STAGES = Path(__file__).parent / "kwok" / "pods.yaml"
_RELEASED = "lab.kastellan.dev/released"
_SETTLE_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeShape:
    """One simulated node.

    Attributes:
        name: node name.
        zone: value of `topology.kubernetes.io/zone`, or None for a node without that label.
        cpu: allocatable CPU, as a Kubernetes quantity.
        memory: allocatable memory, as a Kubernetes quantity.
        pods: how many pods it takes.
        taints: as in `spec.taints`.
        labels: further labels.
        architecture: `kubernetes.io/arch`.
        kubelet: kubelet version.
        ready: whether it reports Ready.
        cordoned: whether it is unschedulable.
    """

    name: str
    zone: str | None
    cpu: str = "4"
    memory: str = "16Gi"
    pods: int = 110
    taints: tuple[Mapping[str, str], ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    architecture: str = "amd64"
    kubelet: str = f"v{KUBERNETES}"
    ready: bool = True
    cordoned: bool = False


def shapes(per_zone: int = 1, zones: Sequence[str] = ZONES) -> tuple[NodeShape, ...]:
    """Equal nodes, so many in each zone."""
    return tuple(NodeShape(name=f"node-{zone}-{i}", zone=zone) for zone in zones for i in range(per_zone))


class SimulatedCluster(ControlPlane):
    """A control plane of its own with simulated nodes; a context manager that ends everything it started."""

    def __init__(self, nodes: Sequence[NodeShape] | None = None, *, apiserver_flags: Sequence[str] = ()) -> None:
        """Start it and wait until its nodes are there; three zones with one node each by default."""
        tool = ensure(("kwok",))["kwok"]
        supervisor = Supervisor("simulated")
        try:
            super().__init__(
                supervisor,
                apiserver_flags=apiserver_flags,
                controller_manager_flags=("--node-monitor-period=1s",),
                scheduler_flags=("--kube-api-qps=500", "--kube-api-burst=1000"),  # many pods are placed at once
            )
            self.add_nodes(shapes() if nodes is None else nodes)
            supervisor.start(
                "kwok",
                [
                    tool,
                    f"--kubeconfig={self.kubeconfig}",
                    f"--config={_STAGES}",
                    "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
                    "--node-lease-duration-seconds=40",
                    "--cidr=10.128.0.0/9",
                ],
                environment={"HOME": str(self.folder)},  # kwok reads and writes ~/.kwok otherwise
            )
        except BaseException:
            supervisor.close()
            raise

    def add_nodes(self, nodes: Sequence[NodeShape]) -> None:
        """Create nodes, many at a time, and wait until those that report Ready have lost the taint of a new node.

        Raises:
            LabError: the controller manager does not take the taint away within a minute.
        """
        with ThreadPoolExecutor(max_workers=16) as pool:
            list(pool.map(lambda node: self.request("POST", "/api/v1/nodes", _node(node)), nodes))
        waiting = {node.name for node in nodes if node.ready}
        deadline = time.monotonic() + _SETTLE_SECONDS
        while waiting:
            live = self.request("GET", "/api/v1/nodes")["items"]
            new = {node["metadata"]["name"] for node in live if _is_new(node)}
            waiting &= new
            if waiting and time.monotonic() > deadline:
                raise LabError(f"{len(waiting)} nodes still have the taint of a new node, such as {min(waiting)}")
            time.sleep(max(0.05, len(waiting) / 1000) if waiting else 0)  # a look at many costs the API server much

    def remove_node(self, name: str) -> None:
        """Delete a node object, as a cloud does with a machine that is gone."""
        self.request("DELETE", f"/api/v1/nodes/{name}")

    def set_ready(self, name: str, *, ready: bool) -> None:
        """Report a node as ready, or as a machine that nobody hears from; the controller manager adds the taints."""
        condition = _ready_condition("True" if ready else "Unknown")
        self.request(
            "PATCH", f"/api/v1/nodes/{name}/status", {"status": {"conditions": [condition]}}, strategic_merge=True
        )

    def release(self, namespace: str) -> int:
        """Let held Job pods of a namespace end well; returns how many there were."""
        pods = self.request("GET", f"/api/v1/namespaces/{namespace}/pods")["items"]
        held = [pod for pod in pods if "/held/" in pod["spec"]["containers"][0]["image"]]
        running = [pod for pod in held if pod["status"].get("phase") == "Running"]
        for pod in running:
            path = f"/api/v1/namespaces/{namespace}/pods/{pod['metadata']['name']}"
            try:
                self.request("PATCH", path, {"metadata": {"annotations": {_RELEASED: "true"}}}, strategic_merge=True)
            except LabError as problem:
                if "answered with 404" not in str(problem):  # a pod that has gone meanwhile needs no release
                    raise
        return len(running)

    def close(self) -> None:
        """End the cluster; may be repeated."""
        self.supervisor.close()

    def __enter__(self) -> "SimulatedCluster":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _is_new(node: Mapping[str, Any]) -> bool:
    return any(taint["key"] == "node.kubernetes.io/not-ready" for taint in node["spec"].get("taints", ()))


def _ready_condition(status: str) -> dict[str, str]:
    reason = {"True": "KubeletReady", "False": "KubeletNotReady", "Unknown": "NodeStatusUnknown"}[status]
    return {"type": "Ready", "status": status, "reason": reason, "message": "simulated"}


def _node(shape: NodeShape) -> dict[str, Any]:
    labels = {
        "kubernetes.io/hostname": shape.name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": shape.architecture,
        **({"topology.kubernetes.io/zone": shape.zone} if shape.zone else {}),
        **shape.labels,
    }
    room = {"cpu": shape.cpu, "memory": shape.memory, "pods": str(shape.pods), "ephemeral-storage": "100Gi"}
    healthy = [
        {"type": kind, "status": "False", "reason": "Simulated", "message": "simulated"}
        for kind in ("MemoryPressure", "DiskPressure", "PIDPressure")
    ]
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": shape.name, "labels": labels, "annotations": {"kwok.x-k8s.io/node": "fake"}},
        "spec": {
            "taints": [dict(taint) for taint in shape.taints],
            **({"unschedulable": True} if shape.cordoned else {}),
        },
        "status": {
            "capacity": room,
            "allocatable": room,
            "conditions": [*healthy, _ready_condition("True" if shape.ready else "False")],
            # Of this machine, where nobody listens: asking a kubelet that is none is refused at once.
            "addresses": [
                {"type": "Hostname", "address": shape.name},
                {"type": "InternalIP", "address": "127.0.0.1"},
            ],
            "nodeInfo": {
                "kubeletVersion": shape.kubelet,
                "architecture": shape.architecture,
                "operatingSystem": "linux",
                "containerRuntimeVersion": "kwok",
                "osImage": "",
                "kernelVersion": "",
                "bootID": "",
                "machineID": "",
                "systemUUID": "",
                "kubeProxyVersion": "",
            },
        },
    }
