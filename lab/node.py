"""One real node: containerd, kubelet and kube-proxy in namespaces of their own, with a disk that survives a power cut.

What runs in the node is started by `node_init.sh`, its PID 1; this module writes its files, plugs its cable, and cuts
its power. Every kubelet reports the whole machine's processors and memory: tests must not rely on the sum.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lab import node_cgroup, node_files
from lab.control_plane import ControlPlane
from lab.errors import LabError
from lab.node_network import SYSCTLS, Network
from lab.node_requirements import cni_folder
from lab.node_wait import run, wait_for
from lab.oci_archive import Archive, name_of

if TYPE_CHECKING:
    from subprocess import Popen


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeParts:
    """What every node of a cluster is made of.

    Attributes:
        tools: paths of `kubelet` and `kube-proxy`.
        pause: image that holds a pod's namespaces.
        proxy_kubeconfig: kubeconfig of the kube-proxies.
        count: how many nodes the cluster has.
    """

    tools: Mapping[str, Path]
    pause: Archive
    proxy_kubeconfig: Path
    count: int


class Node:
    """A node of a real cluster; off at first.

    Attributes:
        name: its name in the API.
        zone: its `topology.kubernetes.io/zone`.
        number: counted from 1; decides its addresses.
        address: its address.
        started: when it was last switched on.
        cgroup: name of its control groups, in every hierarchy of the machine.
    """

    def __init__(
        self, control_plane: ControlPlane, network: Network, parts: NodeParts, *, name: str, zone: str, number: int
    ) -> None:
        """Write what lies on its disk."""
        self.name = name
        self.zone = zone
        self.number = number
        self.address = str(network.plan.node(number))
        self._supervisor = control_plane.supervisor
        self._network = network
        self._parts = parts
        self.started = datetime.now(UTC)
        self._process: Popen[bytes] | None = None
        self._folder = self._supervisor.folder / name
        for part in ("kubelet", "containerd", "cni", "cni-cache", "log", "pki"):
            (self._folder / part).mkdir(parents=True)
        self.cgroup = f"{network.name}-{number}"
        self._supervisor.undo_at_end(node_cgroup.removal(self.cgroup))
        self._kubeconfig = control_plane.write_kubeconfig(f"system:node:{name}", groups=("system:nodes",))
        serving = control_plane.authority.server([name, self.address]).write(self._folder / "pki", "serving")
        files = {
            "containerd.toml": node_files.containerd(self._folder, parts.pause.reference, str(cni_folder())),
            "cni/10-lab.conflist": node_files.cni(network.plan.node_pods(number)),
            "kubelet.yaml": node_files.kubelet(
                self._folder,
                authority=control_plane.ca_file,
                serving=serving,
                cgroup=self.cgroup,
                dns=network.plan.switch,
            ),
            "kube-proxy.yaml": node_files.kube_proxy(parts.proxy_kubeconfig, name, network.plan.pods),
            "resolv.conf": "",  # pods get the cluster's DNS server, and nothing of the machine's
        }
        for path, text in files.items():
            (self._folder / path).write_text(text)

    @property
    def running(self) -> bool:
        """Whether its power is on."""
        return self._process is not None

    def start(self) -> None:
        """Switch it on, if it is off; it reports Ready some seconds later.

        Raises:
            LabError: it cannot be started.
        """
        if self.running:
            return
        groups = node_cgroup.make(self.cgroup)
        self.started = datetime.now(UTC)
        plan, others = self._network.plan, (n for n in range(1, self._parts.count + 1) if n != self.number)
        command = ["unshare", "--net", "--mount", "--uts", "--ipc", "--pid", "--fork", "--kill-child=KILL"]
        process = self._supervisor.start(
            self.name,
            [*command, "--mount-proc", "bash", Path(__file__).with_name("node_init.sh")],
            environment={
                "NODE_NAME": self.name,
                "NODE_ZONE": self.zone,
                "NODE_ADDRESS": self.address,
                "NODE_GATEWAY": str(plan.host),
                "NODE_ROUTES": " ".join(f"{plan.node_pods(n)}={plan.node(n)}" for n in others),
                "NODE_SYSCTLS": " ".join((*SYSCTLS, "bridge/bridge-nf-call-iptables=1")),
                "NODE_GROUPS": " ".join(str(group) for group in groups),
                "NODE_FOLDER": str(self._folder),
                "NODE_LOGS": str(self._supervisor.folder / "logs"),
                "NODE_PAUSE_ARCHIVE": str(self._parts.pause.path),
                "NODE_KUBECONFIG": str(self._kubeconfig),
                "NODE_KUBELET": str(self._parts.tools["kubelet"]),
                "NODE_KUBE_PROXY": str(self._parts.tools["kube-proxy"]),
            },
        )
        wait_for(lambda: bool(_children(process.pid)), what=f"first process of {self.name}", seconds=10)
        self._network.plug(self.number, process.pid)
        self._process = process

    def kill(self) -> None:
        """Cut its power and its cable at once: nothing in it gets a signal, nobody outside gets a farewell.

        Raises:
            LabError: its control groups do not go.
        """
        if self._process is None:
            return
        process, self._process = self._process, None
        self._network.unplug(self.number)
        for first in _children(process.pid):
            os.kill(first, 9)
        process.wait()  # its parent waits for PID 1, and the kernel lets that go last of all
        self._supervisor.stop(self.name)
        # A machine forgets its control groups with the power. If they stayed, the next kubelet would ask containerd for
        # each container in them, six seconds a piece, before it calls itself ready.
        run(node_cgroup.removal(self.cgroup))

    def import_image(self, archive: Path, references: Sequence[str]) -> None:
        """Put an image on the node's disk and give it further names.

        Raises:
            LabError: the node is off, or containerd refuses the archive.
        """
        name = name_of(archive)
        self._ctr("images", "import", str(archive))
        if further := [reference for reference in references if reference != name]:
            self._ctr("images", "tag", "--force", name, *further)

    def _ctr(self, *arguments: str) -> None:
        if self._process is None:
            raise LabError(f"{self.name} is off: start it first")
        inside = ["nsenter", f"--target={self._process.pid}", "--mount", "--net"]
        run([*inside, "ctr", "--namespace", "k8s.io", *arguments], seconds=300)


def _children(pid: int) -> list[int]:
    """Processes whose parent this is; the kernel's own list of them is an option that not every kernel has."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:  # ended meanwhile
            continue
        if int(parent) == pid:
            found.append(int(entry.name))
    return found
