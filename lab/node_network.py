"""The network of a cluster with real nodes: a switch in a network namespace of its own, and a cable to every node.

The machine itself gets one link and a few routes; the switch, the nodes' ends and all packet rules are in namespaces
that have no name and end with their last process. So a crash leaves at most that one link, and nothing of the
machine's own (forwarding, packet filters, other bridges) is touched. The switch also translates addresses of Services
for the machine, so that `http://SERVICE-ADDRESS/` works from outside of the cluster, by a kube-proxy of its own.

Pods reach the machine by `AddressPlan.host` and nothing beyond it: the cluster is closed on purpose.
"""

import fcntl
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, ip_network
from pathlib import Path

from lab.errors import LabError
from lab.node_wait import run, wait_for
from lab.supervisor import Supervisor

CLUSTERS = 32
"""How many clusters find addresses on one machine."""
SYSCTLS = (
    "ipv4/ip_forward=1",
    "ipv4/conf/all/send_redirects=0",
    "ipv4/conf/default/send_redirects=0",
    "ipv4/conf/all/rp_filter=0",
    "ipv4/conf/default/rp_filter=0",
    # A tracked connection outlives the client's own memory of it: a source port that is used again would be sent to
    # where the old connection went, possibly a pod that is gone, and a flawless rollout would show failed requests. One
    # client with thousands of fresh connections comes round to its ports within two minutes; the many of a real
    # installation hardly ever do. Longest of all, five minutes, lives what was never answered (the last two): a client
    # that gives up a connection to a node without power has data on the way, so that its farewell waits behind them.
    "netfilter/nf_conntrack_tcp_timeout_time_wait=5",
    "netfilter/nf_conntrack_tcp_timeout_close_wait=10",
    "netfilter/nf_conntrack_tcp_timeout_syn_sent=10",
    "netfilter/nf_conntrack_tcp_timeout_fin_wait=10",
    "netfilter/nf_conntrack_tcp_timeout_last_ack=10",
    "netfilter/nf_conntrack_tcp_timeout_max_retrans=10",
    "netfilter/nf_conntrack_tcp_timeout_unacknowledged=10",
)
"""Settings of every network namespace, as `path below /proc/sys/net=value`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressPlan:
    """Addresses of one cluster; clusters of different indexes share none.

    Attributes:
        index: 0 to `CLUSTERS` - 1.
    """

    index: int

    @property
    def machines(self) -> IPv4Network:
        """Network of the nodes, the switch and the machine's link."""
        return IPv4Network(f"10.77.{self.index}.0/24")

    @property
    def pods(self) -> IPv4Network:
        """Addresses of all pods."""
        return IPv4Network(f"10.{128 + self.index}.0.0/16")

    @property
    def services(self) -> IPv4Network:
        """Addresses of Services."""
        return IPv4Network(f"10.{128 + CLUSTERS + self.index}.0.0/16")

    @property
    def host(self) -> IPv4Address:
        """Address of the machine, at which pods and nodes reach its servers."""
        return self.machines[1]

    @property
    def switch(self) -> IPv4Address:
        """Address of the switch, where the cluster's DNS server listens."""
        return self.machines[254]

    def node(self, number: int) -> IPv4Address:
        """Address of a node, counted from 1."""
        return self.machines[10 + number]

    def node_pods(self, number: int) -> IPv4Network:
        """Addresses of the pods of a node, counted from 1."""
        return IPv4Network(f"10.{128 + self.index}.{number}.0/24")


def mac(address: IPv4Address) -> str:
    """The hardware address that goes with an address of the machines' network: that of a card, which never changes.

    Left to itself, a bridge takes the lowest address of its ports and so a new one whenever a node is unplugged, and a
    node comes back with a new card. Whoever knew the one before sends to nobody until its neighbour table forgets it:
    half a minute of silence that no cluster causes.
    """
    return "02:" + ":".join(f"{byte:02x}" for byte in (0, *address.packed))


def free_plan(routes: Iterable[IPv4Network]) -> AddressPlan:
    """The first plan that takes no address from an existing route; a wider route gives way, as routing has it.

    Raises:
        LabError: every plan is taken.
    """
    taken = tuple(routes)
    for index in range(CLUSTERS):
        plan = AddressPlan(index=index)
        if not any(route.subnet_of(ours) for route in taken for ours in (plan.machines, plan.pods, plan.services)):
            return plan
    raise LabError(f"{CLUSTERS} clusters have taken all addresses of the lab: end some by `python -m lab down`")


class Network:
    """The switch of one cluster, on addresses that nobody on this machine uses.

    Attributes:
        name: its link on the machine; no other cluster has this name.
        plan: its addresses.
        inside: words before a command that runs it in the switch's namespace.
    """

    def __init__(self, supervisor: Supervisor, nodes: int) -> None:
        """Take free addresses and set the switch up.

        Args:
            supervisor: ends it.
            nodes: how many nodes the machine gets routes for.

        Raises:
            LabError: no addresses are free, or a command is refused.
        """
        holder = supervisor.start("switch", ["unshare", "--net", "sleep", "infinity"])
        wait_for(lambda: _namespace(holder.pid) != _namespace("self"), what="a network namespace", seconds=10)
        self.inside = ("nsenter", f"--target={holder.pid}", "--net")
        self.name = f"kl-{hashlib.sha256(str(supervisor.folder).encode()).hexdigest()[:8]}"
        supervisor.undo_at_end(["ip", "link", "delete", self.name])
        with Path(__file__).open() as lock:  # two clusters that start at once would find the same addresses free
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.plan = free_plan(_routes())
            run(["ip", "link", "add", self.name, "type", "veth", "peer", "name", "machine", "netns", str(holder.pid)])
            self._batch(
                [
                    f"address add {self.plan.host}/24 dev {self.name}",
                    f"link set {self.name} up",
                    f"route add {self.plan.services} via {self.plan.switch}",
                    *(f"route add {self.plan.node_pods(n)} via {self.plan.node(n)}" for n in range(1, nodes + 1)),
                ],
            )
        self._batch(
            [
                "link set lo up",
                f"link add switch address {mac(self.plan.switch)} type bridge",
                f"address add {self.plan.switch}/24 dev switch",
                "link set switch up",
                "link set machine master switch up",
                *(f"route add {self.plan.node_pods(n)} via {self.plan.node(n)}" for n in range(1, nodes + 1)),
            ],
            inside=self.inside,
        )
        settings = (*SYSCTLS, "bridge/bridge-nf-call-iptables=0")
        pairs = (setting.partition("=") for setting in settings)
        script = "; ".join(f"echo {value} >/proc/sys/net/{name}" for name, _, value in pairs)
        run([*self.inside, "sh", "-ec", script])

    def plug(self, number: int, pid: int) -> None:
        """Connect a node by a cable whose other end is `eth0` in the network namespace of this process."""
        self._batch(
            [
                f"link add node{number} type veth peer name eth0 address {mac(self.plan.node(number))} netns {pid}",
                f"link set node{number} master switch up",
            ],
            inside=self.inside,
        )

    def unplug(self, number: int) -> None:
        """Pull a node's cable out; whoever talks to it hears nothing more, not even a refusal."""
        run([*self.inside, "ip", "link", "delete", f"node{number}"])

    def _batch(self, lines: Sequence[str], inside: Sequence[str] = ()) -> None:
        run([*inside, "ip", "-batch", "-"], stdin="\n".join(lines) + "\n")


def _namespace(process: int | str) -> str:
    return str(Path(f"/proc/{process}/ns/net").readlink())


def _routes() -> list[IPv4Network]:
    listed = json.loads(run(["ip", "-json", "-4", "route", "show", "table", "all"]))
    targets = [str(route["dst"]) for route in listed if route.get("dst", "default") != "default"]
    return [network for target in targets if isinstance(network := ip_network(target, strict=False), IPv4Network)]
