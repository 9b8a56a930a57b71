"""Machines and databases that the platforms offer, as far as the sizes use them.

Each table is ordered from small to large. Only balanced machines (4 GiB a vCPU) are here, because that is the shape
that ZITADEL's production page asks for; Arm is left out until every image of a release is proved on it.
"""

from dataclasses import dataclass
from typing import assert_never

from kastellan.domain.service_plan import Platform


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineType:
    """A node.

    Attributes:
        name: as the cloud calls it.
        cpu: vCPU.
        memory: GiB.
    """

    name: str
    cpu: int
    memory: int

    @property
    def usable_cpu(self) -> float:
        """What is left for our pods, in vCPU.

        GKE's formula keeps 6 % of the first core, 1 % of the second, 0.5 % of the third and fourth, 0.25 % of the
        others; half a vCPU is for the platform's own pods on each node.
        Source: cloud.google.com/kubernetes-engine/docs/concepts/plan-node-sizes; EKS reserves by the same formula
        (awslabs/amazon-eks-ami). The half vCPU is an assumption.
        """
        reserved = 0.06 + 0.01 * (self.cpu > 1) + 0.005 * max(0, min(self.cpu, 4) - 2) + 0.0025 * max(0, self.cpu - 4)
        return self.cpu - reserved - 0.5

    @property
    def usable_memory(self) -> float:
        """What is left for our pods, in GiB.

        25 % of the first 4 GiB, 20 % of the next 4, 10 % of the next 8, 6 % of the next 112 and 2 % of the rest are
        the node's; 1 GiB is for the platform's own pods (an assumption).
        Source: as for `usable_cpu`. EKS keeps less, 255 MiB and 11 MiB for each pod that a node may have
        (awslabs/amazon-eks-ami), so that GKE's formula is the stricter one there.
        """
        reserved, left = 0.1, float(self.memory)
        for span, share in ((4, 0.25), (4, 0.2), (8, 0.1), (112, 0.06)):
            reserved += min(left, span) * share
            left = max(0.0, left - span)
        return self.memory - reserved - left * 0.02 - 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseTier:
    """A PostgreSQL server; its standby in another zone is as big.

    Attributes:
        name: as the cloud calls it.
        cpu: vCPU.
        memory: GiB.
        max_connections: what PostgreSQL is set to allow on it.
    """

    name: str
    cpu: int
    memory: int
    max_connections: int


def machine_types(platform: Platform) -> tuple[MachineType, ...]:
    """Node types to choose from, ascending."""
    match platform:
        case Platform.GKE:
            # cloud.google.com/compute/docs/general-purpose-machines#n2-standard
            return tuple(MachineType(name=f"n2-standard-{cpu}", cpu=cpu, memory=4 * cpu) for cpu in (4, 8, 16, 32))
        case Platform.EKS:
            # aws.amazon.com/ec2/instance-types/m7i
            sizes = {"xlarge": 4, "2xlarge": 8, "4xlarge": 16, "8xlarge": 32}
            return tuple(MachineType(name=f"m7i.{size}", cpu=cpu, memory=4 * cpu) for size, cpu in sizes.items())
        case Platform.EXISTING:
            return tuple(
                MachineType(name=f"{cpu} vCPU, {4 * cpu} GiB", cpu=cpu, memory=4 * cpu) for cpu in (4, 8, 16, 32)
            )
        case _ as never:
            assert_never(never)


def database_tiers(platform: Platform) -> tuple[DatabaseTier, ...]:
    """Database servers to choose from, ascending; shared cores are left out, because no cloud's SLA covers them."""
    match platform:
        case Platform.GKE:
            return tuple(
                DatabaseTier(
                    name=f"db-custom-{cpu}-{4 * cpu * 1024}",
                    cpu=cpu,
                    memory=4 * cpu,
                    max_connections=_cloud_sql_connections(4 * cpu),
                )
                for cpu in (2, 4, 8, 16, 32, 64, 96)
            )
        case Platform.EKS:
            sizes = {
                "large": 2,
                "xlarge": 4,
                "2xlarge": 8,
                "4xlarge": 16,
                "8xlarge": 32,
                "12xlarge": 48,
                "16xlarge": 64,
            }
            return tuple(
                DatabaseTier(name=f"db.m6i.{size}", cpu=cpu, memory=4 * cpu, max_connections=_rds_connections(4 * cpu))
                for size, cpu in sizes.items()
            )
        case Platform.EXISTING:
            return tuple(
                DatabaseTier(
                    name=f"{cpu} vCPU, {4 * cpu} GiB", cpu=cpu, memory=4 * cpu, max_connections=50 * cpu
                )  # what the customer has to set; PostgreSQL's own default is 100 whatever the machine
                for cpu in (2, 4, 8, 16, 32, 64, 96)
            )
        case _ as never:
            assert_never(never)


def _cloud_sql_connections(memory: int) -> int:
    """What the flag `max_connections` is set to: the default by memory, or 12 a GiB where that is more.

    Source of the defaults: cloud.google.com/sql/docs/postgres/flags#postgres-m. The 12 are a decision: at 10 MiB a
    connection they take an eighth of the memory.
    """
    steps = ((120, 1000), (60, 800), (30, 600), (15, 500), (7.5, 400), (6, 200), (3.75, 100))
    return max(12 * memory, next(connections for least, connections in steps if memory >= least))


def _rds_connections(memory: int) -> int:
    """Default of `max_connections`: LEAST(DBInstanceClassMemory / 9531392, 5000); a tenth of memory is the service's.

    Source: docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html. The tenth is an assumption.
    """
    return min(5000, int(memory * 2**30 * 0.9 / 9531392))
