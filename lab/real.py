"""A real cluster on one machine: nodes with containerd, kubelet and kube-proxy in network namespaces, zone by zone.

Needs Linux and root (`why_not` says what else). Containers run, probes probe, Services balance, a node or a zone can
lose its power. Deliberately absent: a policy engine (NetworkPolicies are accepted and not enforced), storage classes,
load balancers, metrics, and any way from pods to the world beyond this machine.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from ipaddress import IPv4Address
from pathlib import Path
from types import TracebackType

from lab.cluster_dns import ClusterDns
from lab.control_plane import ControlPlane
from lab.errors import LabError
from lab.node import Node, NodeParts
from lab.node_files import kube_proxy
from lab.node_network import Network
from lab.node_requirements import why_not
from lab.node_wait import wait_for
from lab.pod_image import pod_image
from lab.simulated import ZONES
from lab.supervisor import Supervisor
from lab.tool_pins import NODES
from lab.tools import ensure

__all__ = ["RealCluster", "why_not"]

_READY_SECONDS = 60.0


class RealCluster(ControlPlane):
    """A cluster with real nodes; a context manager that ends everything it started.

    Attributes:
        nodes: its nodes by name.
        pod_image: an image that every node has; `lab/pod-tools/main.go` says what it can do.
    """

    def __init__(self, zones: Sequence[str] = ZONES, *, apiserver_flags: Sequence[str] = ()) -> None:
        """Start it and wait until every node is Ready.

        Args:
            zones: the zone of each node; a zone may have several.
            apiserver_flags: added to the API server's.

        Raises:
            LabError: real nodes cannot run here, or do not become Ready within a minute.
        """
        if (reason := why_not()) is not None:
            raise LabError(reason)
        tools = ensure(NODES)
        self.pod_image = pod_image()
        self._imported: set[tuple[str, Path, tuple[str, ...]]] = set()
        supervisor = Supervisor("real")
        try:
            self._network = Network(supervisor, nodes=len(zones))
            super().__init__(
                supervisor,
                address=self.host_address,
                service_range=str(self._network.plan.services),
                apiserver_flags=(
                    "--kubelet-preferred-address-types=InternalIP",
                    # A tenth of the defaults, and a third below: tests that lose a zone wait for these.
                    "--default-not-ready-toleration-seconds=10",
                    "--default-unreachable-toleration-seconds=10",
                    *apiserver_flags,
                ),
                controller_manager_flags=("--node-monitor-grace-period=16s", "--node-monitor-period=2s"),
            )
            proxy = self.write_kubeconfig("system:kube-proxy")
            parts = NodeParts(tools=tools, pause=self.pod_image, proxy_kubeconfig=proxy, count=len(zones))
            self.nodes = self._make_nodes(zones, parts)
            for node in self.nodes.values():
                node.start()
            self._dns = ClusterDns(self, self._network, str(tools["coredns"]))
            self.wait_until_ready(*self.nodes)
            self._dns.wait()
            self._start_switch_proxy(tools["kube-proxy"], proxy)
        except BaseException:
            supervisor.close()
            raise

    @property
    def host_address(self) -> str:
        """Address at which nodes and pods reach servers of this machine, such as the customer's PostgreSQL."""
        return str(self._network.plan.host)

    @property
    def zones(self) -> tuple[str, ...]:
        """Its zones, each once."""
        return tuple(dict.fromkeys(node.zone for node in self.nodes.values()))

    def name_host(self, name: str) -> None:
        """Let pods resolve this name to the machine's address, within two seconds."""
        self._dns.add(name, IPv4Address(self.host_address))

    def import_image(self, archive: Path, references: Sequence[str] = ()) -> None:
        """Put an image onto the disk of every node that runs and has it not yet, as a registry would.

        Args:
            archive: OCI archive whose index names the image.
            references: further names, such as `REPOSITORY@sha256:…`.

        Raises:
            LabError: an archive without a name, or containerd refuses it.
        """
        names = tuple(references)
        running = [
            node for node in self.nodes.values() if node.running and (node.name, archive, names) not in self._imported
        ]
        with ThreadPoolExecutor(max_workers=max(len(running), 1)) as pool:
            list(pool.map(lambda node: node.import_image(archive, references), running))
        self._imported |= {(node.name, archive, names) for node in running}

    def kill_node(self, name: str) -> None:
        """Cut a node's power; the API tells some 16 seconds later."""
        self.nodes[name].kill()

    def start_node(self, name: str) -> None:
        """Switch a node on again, with the disk that it had; `wait_until_ready` waits for it."""
        self.nodes[name].start()

    def nodes_of(self, zone: str) -> tuple[str, ...]:
        """Names of the nodes of a zone.

        Raises:
            LabError: there is no such zone.
        """
        found = tuple(node.name for node in self.nodes.values() if node.zone == zone)
        if not found:
            raise LabError(f"the cluster has no zone {zone}; it has {', '.join(self.zones)}")
        return found

    @contextmanager
    def power_cut(self, *names: str) -> Iterator[None]:
        """Nodes without power; at the end they get it back, whatever happened meanwhile, and are Ready again.

        Raises:
            LabError: a node does not come back; see `wait_until_ready`.
        """
        for name in names:
            self.kill_node(name)
        try:
            yield
        finally:
            for name in names:
                self.start_node(name)
            self.wait_until_ready(*names)

    def put_in_order(self) -> None:
        """Have every node on, open to pods, and Ready, whatever was done to it.

        Raises:
            LabError: a node does not become Ready; see `wait_until_ready`.
        """
        for name, node in self.nodes.items():
            node.start()
            if self.request("GET", f"/api/v1/nodes/{name}")["spec"].get("unschedulable"):
                self.kubectl("uncordon", name)
        self.wait_until_ready(*self.nodes)

    def is_ready(self, name: str) -> bool:
        """Whether the API calls a node Ready, and the node said so itself since it was last switched on."""
        node = self.request("GET", f"/api/v1/nodes/{name}")
        conditions = {entry["type"]: entry for entry in node.get("status", {}).get("conditions", ())}
        ready = conditions.get("Ready")
        if ready is None or ready["status"] != "True":
            return False
        # The API counts in whole seconds.
        return datetime.fromisoformat(ready["lastHeartbeatTime"]) >= self.nodes[name].started.replace(microsecond=0)

    def wait_until_ready(self, *names: str, seconds: float = _READY_SECONDS) -> None:
        """Wait until these nodes are Ready.

        Raises:
            LabError: something of the lab ended, or the time is over; the message holds the last lines of each
                kubelet that is not Ready.
        """

        def all_ready() -> bool:
            self.supervisor.check()
            return not missing()

        def missing() -> list[str]:
            registered = {node["metadata"]["name"] for node in self.request("GET", "/api/v1/nodes")["items"]}
            return [name for name in names if name not in registered or not self.is_ready(name)]

        try:
            wait_for(all_ready, what=f"Ready of {', '.join(names)}", seconds=seconds)
        except LabError as problem:
            said = (f"{name}:\n{self.supervisor.log_tail(f'{name}-kubelet', 40)}" for name in missing())
            raise LabError("\n".join((str(problem), *said))) from None

    def close(self) -> None:
        """End everything it started; may be repeated."""
        self.supervisor.close()

    def __enter__(self) -> "RealCluster":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start_apiserver(self, etcd: str, service_range: str, flags: Sequence[str]) -> None:
        """Let the API server prove to kubelets who it is, and them to it."""
        credential = self.authority.client("kube-apiserver", groups=("system:masters",))
        certificate, key = credential.write(self.folder, "kubelet-client")
        both = (f"--kubelet-client-certificate={certificate}", f"--kubelet-client-key={key}")
        trust = f"--kubelet-certificate-authority={self.ca_file}"
        super()._start_apiserver(etcd, service_range, (*flags, *both, trust))

    def _make_nodes(self, zones: Sequence[str], parts: NodeParts) -> dict[str, Node]:
        nodes: dict[str, Node] = {}
        so_far: Counter[str] = Counter()
        for number, zone in enumerate(zones, start=1):
            name = f"node-{zone}-{so_far[zone]}"
            so_far[zone] += 1
            nodes[name] = Node(self, self._network, parts, name=name, zone=zone, number=number)
        return nodes

    def _start_switch_proxy(self, program: Path, kubeconfig: Path) -> None:
        """Let the machine reach Services: the kube-proxy of the switch, in the name of a node, as it asks for one."""
        config = self.folder / "switch-kube-proxy.yaml"
        config.write_text(kube_proxy(kubeconfig, next(iter(self.nodes)), self._network.plan.pods))
        script = 'mount -t tmpfs tmpfs /run && exec "$0" --config="$1"'  # its lock is not the machine's
        inside = [*self._network.inside, "unshare", "--mount", "sh", "-c", script]
        self.supervisor.start("switch-kube-proxy", [*inside, program, config])
