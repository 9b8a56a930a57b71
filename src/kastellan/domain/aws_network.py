"""The address plan of an installation's network on AWS: one range is cut into subnets, three kinds in every zone.

Pods have addresses of their zone's private subnet (Amazon VPC CNI), so the private subnets get three quarters of the
range and more; load balancers, NAT and the database share what is left.
Sources: docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html (a VPC is a /16 to a /28), …/subnet-sizing.html
(five addresses of a subnet are Amazon's), docs.aws.amazon.com/elasticloadbalancing/latest/application (a /27 at least).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network

from kastellan.domain.private_network import range_problems

WIDEST_PREFIX = 16
SMALLEST_PREFIX = 20
"""A /20 leaves each of three zones a /22 for pods and a /26 for the load balancer."""
MOST_ZONES = 7
_AMAZONS = 5
_SERVICES = (IPv4Network("172.20.0.0/16"), IPv4Network("10.100.0.0/16"))
"""What EKS takes for Services by default: API_KubernetesNetworkConfigRequest of its API reference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsNetworkPlan:
    """Ranges that do not overlap; each tuple has one subnet for each zone.

    Attributes:
        whole: of the VPC.
        private: of nodes and pods.
        public: of the load balancer and NAT.
        database: of the database.
        services: of Kubernetes' Services; outside of the VPC.
    """

    whole: IPv4Network
    private: tuple[IPv4Network, ...]
    public: tuple[IPv4Network, ...]
    database: tuple[IPv4Network, ...]
    services: IPv4Network

    @property
    def addresses_per_zone(self) -> int:
        """Addresses for nodes and pods in each zone."""
        return self.private[0].num_addresses - _AMAZONS


def network_plan(whole: IPv4Network, zones: int) -> AwsNetworkPlan:
    """Cut a range up; the same range always gives the same plan.

    Args:
        whole: of the VPC.
        zones: 3 to 7.

    Raises:
        ValueError: the range is too small or too wide, or there are too many zones.
    """
    if not WIDEST_PREFIX <= whole.prefixlen <= SMALLEST_PREFIX:
        raise ValueError(f"{whole}: a network on AWS is a /{WIDEST_PREFIX} to a /{SMALLEST_PREFIX}")
    if zones > MOST_ZONES:
        raise ValueError(f"at most {MOST_ZONES} zones")
    *private, rest = whole.subnets(prefixlen_diff=2 if zones <= 3 else 3)
    small = list(rest.subnets(prefixlen_diff=4))
    services = next(one for one in _SERVICES if not one.overlaps(whole))
    return AwsNetworkPlan(
        whole=whole,
        private=tuple(private[:zones]),
        public=tuple(small[:zones]),
        database=tuple(small[8 : 8 + zones]),
        services=services,
    )


def network_problems(whole: IPv4Network, others: Iterable[IPv4Network] = ()) -> list[str]:
    """What is wrong with a range: not private, of a wrong size, or overlapping; in words."""
    return range_problems(whole, others, smallest=SMALLEST_PREFIX, widest=WIDEST_PREFIX)
