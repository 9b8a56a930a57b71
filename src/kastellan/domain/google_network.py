"""The address plan of an installation's network on Google Cloud: one range is cut into what each part needs.

Half of it goes to pods, because a node takes a /24 of them at GKE's default of 110 pods a node; the rest is shared by
nodes, Services and the database. The control plane needs none: it is reached through a private endpoint in the nodes'
range.
Source: cloud.google.com/kubernetes-engine/docs/concepts/alias-ips, cloud.google.com/sql/docs/postgres/private-ip.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network

from kastellan.domain.private_network import range_problems

SMALLEST_PREFIX = 19
"""A /19 holds 16 nodes and leaves the database a /23, within the /24 that Google asks for at least."""
_NODE_PREFIX = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleNetworkPlan:
    """Ranges that do not overlap.

    Attributes:
        nodes: of the private subnet.
        pods: secondary range of the subnet.
        services: secondary range of the subnet.
        database: reserved for Google's side of the private connection.
    """

    nodes: IPv4Network
    pods: IPv4Network
    services: IPv4Network
    database: IPv4Network

    @property
    def most_nodes(self) -> int:
        """Nodes that the pods' range allows."""
        return 1 << (_NODE_PREFIX - self.pods.prefixlen)


def network_plan(whole: IPv4Network) -> GoogleNetworkPlan:
    """Cut a range up; the same range always gives the same plan.

    Raises:
        ValueError: the range is too small.
    """
    if whole.prefixlen > SMALLEST_PREFIX:
        raise ValueError(f"{whole} is too small; at least a /{SMALLEST_PREFIX} is needed")
    pods, rest = whole.subnets(prefixlen_diff=1)
    nodes, services, database, _ = rest.subnets(prefixlen_diff=2)
    return GoogleNetworkPlan(nodes=nodes, pods=pods, services=services, database=database)


def network_problems(whole: IPv4Network, others: Iterable[IPv4Network] = ()) -> list[str]:
    """What is wrong with a range: not private, of a wrong size, or overlapping; in words."""
    return range_problems(whole, others, smallest=SMALLEST_PREFIX)
