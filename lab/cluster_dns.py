"""DNS for pods of a cluster with real nodes: CoreDNS as a process on the cluster's switch.

Names of Services come from the API, names of servers outside (a customer's database) from a file of the lab. Any other
name is unknown, because the cluster has no way to the world. Deliberately no Service and no pods of its own: what must
work before any pod can should not be one.
"""

from ipaddress import IPv4Address

import urllib3

from lab.control_plane import ControlPlane
from lab.node_network import Network
from lab.node_wait import wait_for

_USER = "system:coredns"
_READY_SECONDS = 30.0


class ClusterDns:
    """The DNS server of one cluster, at the address of its switch."""

    def __init__(self, control_plane: ControlPlane, network: Network, program: str) -> None:
        """Give it rights and start it.

        Args:
            control_plane: what it asks for Services.
            network: where it listens.
            program: path of CoreDNS.
        """
        control_plane.apply(*_rights())
        self._address = network.plan.switch
        self._supervisor = control_plane.supervisor
        folder = control_plane.folder / "dns"
        folder.mkdir()
        self._hosts = folder / "hosts"
        self._hosts.touch()
        kubeconfig = control_plane.write_kubeconfig(_USER)
        corefile = folder / "Corefile"
        corefile.write_text(
            f"""cluster.local in-addr.arpa {{
    bind {self._address}
    errors
    health
    ready
    kubernetes cluster.local in-addr.arpa {{
        kubeconfig {kubeconfig}
        ttl 5
    }}
}}
. {{
    bind {self._address}
    errors
    hosts {self._hosts} {{
        ttl 5
        reload 1s
    }}
}}
"""
        )
        self._supervisor.start("coredns", [*network.inside, program, "-conf", corefile])

    def wait(self) -> None:
        """Wait until it knows the cluster's Services.

        Raises:
            LabError: it ends, or half a minute is over.
        """

        def ready() -> bool:
            self._supervisor.check()
            try:
                answer = urllib3.request("GET", f"http://{self._address}:8181/ready", timeout=1, retries=False)
            except urllib3.exceptions.HTTPError:
                return False
            return answer.status == 200

        wait_for(ready, what="answer of CoreDNS", seconds=_READY_SECONDS)

    def add(self, name: str, address: IPv4Address) -> None:
        """Make a name of a server outside of the cluster known to pods, within two seconds."""
        with self._hosts.open("a") as hosts:
            hosts.write(f"{address} {name}\n")


def _rights() -> tuple[dict[str, object], dict[str, object]]:
    """What CoreDNS reads: https://coredns.io/plugins/kubernetes/."""
    read = ["list", "watch"]
    role: dict[str, object] = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": _USER},
        "rules": [
            {"apiGroups": [""], "resources": ["services", "namespaces"], "verbs": read},
            {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": read},
        ],
    }
    api_group = "rbac.authorization.k8s.io"
    binding: dict[str, object] = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": _USER},
        "roleRef": {"apiGroup": api_group, "kind": "ClusterRole", "name": _USER},
        "subjects": [{"apiGroup": api_group, "kind": "User", "name": _USER}],
    }
    return role, binding
