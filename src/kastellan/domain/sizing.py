"""From the load to replicas, nodes and the database, such that losing any one zone leaves the sized load served (DI-2).

Every number that goes in has a source, and the reasoning is part of the result, so that a person can check it line by
line. What is measured is of ZITADEL's published benchmark of v4.19.2 (docs/apis/benchmarks), what is advised of its
production page; what is neither says that it is an assumption.
"""

from dataclasses import dataclass, replace
from math import ceil

from kastellan.domain.errors import InvalidInputError
from kastellan.domain.load import CONSOLE_REQUESTS_PER_SECOND, OTHER_REQUESTS_PER_SECOND, Load
from kastellan.domain.machine import DatabaseTier, MachineType, database_tiers, machine_types
from kastellan.domain.service_plan import Platform, ServicePlan
from kastellan.domain.size import SIZES, SPARE_CONNECTIONS, Size, SizeName

_BENCHMARK = "ZITADEL benchmark v4.19.2"
_PRODUCTION = "ZITADEL production page"

CPU_PER_LOGIN = 42 * 0.80 / 78
"""vCPU seconds of a login with a password: 78 logins/s kept 42 vCPU at 80 % (benchmark human_password_login)."""
REQUESTS_PER_LOGIN = 628 / 78
"""HTTP requests of a login (the same run)."""
CPU_PER_REQUEST = 42 / 4810
"""vCPU seconds of another request, at most: 4810 introspections/s on 42 vCPU that were not the bottleneck."""
REQUESTS_PER_DATABASE_CPU = 100
"""Requests a second for each vCPU of PostgreSQL (production page); the benchmark reached six times that."""
UTILISATION = {ServicePlan.STANDARD: 0.7, ServicePlan.ADVANCED: 0.6}
"""How busy pods may be with a zone lost. A decision: at 80 % the benchmark's logins had a p95 of 6.2 s."""
RESERVED_CONNECTIONS = 15
"""Connections that the database keeps for its superusers, agents and standby. An assumption."""
LEAST_DISK = 100
"""GiB of the database's disk, which grows by itself: 3,000 IOPS on Cloud SQL (30 a GiB), 3,000 on gp3 at any size."""
_MOST_REPLICAS = 96
_RESERVED = {
    Platform.GKE: "GKE plan-node-sizes",
    Platform.EKS: "awslabs/amazon-eks-ami for CPU; GKE plan-node-sizes, which is stricter, for memory",
    Platform.EXISTING: "GKE plan-node-sizes, as for a node whose reserve nobody knows",
}
_DISKS = {
    Platform.GKE: "Cloud SQL, quotas and limits: 30 operations a GiB; decision on how many",
    Platform.EKS: "RDS user guide, storage: 3,000 on gp3 at any size; decision on how many",
    Platform.EXISTING: "decision; the customer provides it",
}
_STANDBYS = {
    Platform.GKE: (
        "Cloud SQL makes it and lets it take over by itself",
        "Cloud SQL, high availability",
    ),
    Platform.EKS: (
        "a Multi-AZ instance at every size: a Multi-AZ cluster's disk does not grow by itself, its snapshots cannot be "
        "copied, and its automated backups go with it [DI-7]",
        "RDS user guide, limitations of Multi-AZ DB clusters; decision (ADR 7)",
    ),
    Platform.EXISTING: ("the customer's provider brings it; PG-4 asks for it", "decision"),
}
"""Platform → how the standby comes about, and where that is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of the reasoning.

    Attributes:
        what: the quantity.
        value: number with its unit.
        because: how it comes about.
        source: where the numbers come from; `assumption` or `decision` where nobody published them.
    """

    what: str
    value: str
    because: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizing:
    """What an installation gets.

    Attributes:
        platform: whose machines and databases were chosen from.
        plan: subscription plan, which decides the utilisation.
        zones: zones it spreads over.
        size_name: shape of the pods.
        size: replicas and resources.
        machine: node type of the dedicated pool.
        nodes_per_zone: nodes of it in each zone.
        tier: PostgreSQL server; a standby of the same size stands in another zone.
        disk: GiB of the database's disk to begin with.
        connections: PostgreSQL connections in the middle of an update.
        steps: the reasoning.
    """

    platform: Platform
    plan: ServicePlan
    zones: int
    size_name: SizeName
    size: Size
    machine: MachineType
    nodes_per_zone: int
    tier: DatabaseTier
    disk: int
    connections: int
    steps: tuple[Step, ...]

    @property
    def cpu_after_zone_loss(self) -> float:
        """VCPU of API pods left when the fullest zone is gone, within the plan's utilisation."""
        return _cpu_after_zone_loss(self.size, self.zones) * UTILISATION[self.plan]

    @property
    def logins_after_zone_loss(self) -> float:
        """Logins a second that these carry, were there nothing else."""
        return self.cpu_after_zone_loss / CPU_PER_LOGIN


def size_for(load: Load, *, plan: ServicePlan, platform: Platform, zones: int = 3) -> Sizing:
    """The least size that carries a load with any one zone lost.

    Raises:
        InvalidInputError: no size carries it; says which part is too much.
    """
    cpu = load.logins * CPU_PER_LOGIN + (load.requests_per_second + load.limited_requests) * CPU_PER_REQUEST
    name, size = _pods(cpu, plan, zones)
    return _sizing(name, size, plan, platform, zones, requests_of(load), _load_steps(load, cpu))


def sizing_of(name: SizeName, *, plan: ServicePlan, platform: Platform, zones: int = 3) -> Sizing:
    """What a named size stands for; its database is the least for the requests that its pods carry."""
    size = SIZES[name]
    carried = _cpu_after_zone_loss(size, zones) * UTILISATION[plan] / CPU_PER_LOGIN * REQUESTS_PER_LOGIN
    step = Step(what="size", value=name.value, because="as the stack says", source="installation:size")
    return _sizing(name, size, plan, platform, zones, carried, (step,))


def requests_of(load: Load) -> float:
    """All requests a second that reach the database."""
    return load.logins * REQUESTS_PER_LOGIN + load.requests_per_second + load.limited_requests


def _cpu_after_zone_loss(size: Size, zones: int) -> float:
    return (size.replicas - ceil(size.replicas / zones)) * size.api.cpu_limit / 1000


def _pods(cpu: float, plan: ServicePlan, zones: int) -> tuple[SizeName, Size]:
    """The first shape, in ascending order, that carries the CPU; only the largest gets more replicas than its own."""
    for name in (SizeName.SMALL, SizeName.MEDIUM, SizeName.LARGE):
        size = replace(SIZES[name], replicas=zones * ceil(SIZES[name].replicas / zones), login_replicas=zones)
        while size.replicas <= _MOST_REPLICAS:
            if _cpu_after_zone_loss(size, zones) * UTILISATION[plan] >= cpu:
                return name, size
            if name is not SizeName.LARGE:
                break
            size = replace(size, replicas=size.replicas + zones)
    raise InvalidInputError(
        f"the load needs {cpu:.0f} vCPU of ZITADEL with a zone lost; more than {_MOST_REPLICAS} replicas are not sized"
    )


def _sizing(
    name: SizeName,
    size: Size,
    plan: ServicePlan,
    platform: Platform,
    zones: int,
    requests: float,
    reasons: tuple[Step, ...],
) -> Sizing:
    machine, nodes = _nodes(size, platform, zones)
    connections = size.connections(zones)
    tier = _tier(requests, connections, platform)
    left = size.replicas - ceil(size.replicas / zones)
    steps = (
        *reasons,
        Step(
            what="API pods",
            value=f"{size.replicas} x {size.api.cpu_limit / 1000:g} vCPU",
            because=f"{left} are left without the fullest of {zones} zones; at {UTILISATION[plan]:.0%} they give "
            f"{left * size.api.cpu_limit / 1000 * UTILISATION[plan]:.1f} vCPU [DI-2]",
            source=f"{name} of ZITADEL's Kubernetes page; decision on utilisation",
        ),
        Step(
            what="login pods",
            value=f"{size.login_replicas} x {size.login.cpu_limit / 1000:g} vCPU",
            because=f"one for each zone, so that {size.login_replicas - ceil(size.login_replicas / zones)} are left; "
            "what they carry nobody published",
            source="assumption",
        ),
        Step(
            what="nodes",
            value=f"{zones} zones x {nodes} x {machine.name}",
            because=f"{machine.usable_cpu:.1f} of {machine.cpu} vCPU are usable; each holds its API pods at "
            "their limit, a login pod, and one more during an update",
            source=f"{_RESERVED[platform]}; assumption of 0.5 vCPU and 1 GiB for the platform's pods",
        ),
        Step(
            what="database",
            value=tier.name,
            because=f"{requests:.0f} requests/s / {REQUESTS_PER_DATABASE_CPU} a vCPU; 4 GiB a vCPU",
            source=_PRODUCTION,
        ),
        Step(
            what="standby",
            value="as big, in another zone [DI-2]",
            because=_STANDBYS[platform][0],
            source=_STANDBYS[platform][1],
        ),
        Step(
            what="disk",
            value=f"{LEAST_DISK} GiB",
            because="to begin with, for 3,000 operations a second; it grows by itself",
            source=_DISKS[platform],
        ),
        Step(
            what="connections",
            value=f"{connections} of {tier.max_connections}",
            because=f"({size.replicas} replicas + {size.surge(zones)} during an update + 1 setup) x "
            f"{size.connections_per_replica}, an administrator's {SPARE_CONNECTIONS}; {RESERVED_CONNECTIONS} reserved",
            source="the platform's flags page; assumption of the reserve",
        ),
    )
    return Sizing(
        platform=platform,
        plan=plan,
        zones=zones,
        size_name=name,
        size=size,
        machine=machine,
        nodes_per_zone=nodes,
        tier=tier,
        disk=LEAST_DISK,
        connections=connections,
        steps=steps,
    )


def _nodes(size: Size, platform: Platform, zones: int) -> tuple[MachineType, int]:
    """The cheapest way, by vCPU, to hold a zone's pods at their limits; of equals the one with more nodes."""
    pods = ceil(size.replicas / zones)
    choices = []
    for machine in machine_types(platform):
        spare_cpu = (size.login.cpu_limit + size.api.cpu_request) / 1000
        spare_memory = (size.login.memory_limit + size.api.memory_limit) / 1024
        fits = min(
            int((machine.usable_cpu - spare_cpu) * 1000 // size.api.cpu_limit),
            int((machine.usable_memory - spare_memory) * 1024 // size.api.memory_limit),
        )
        if fits > 0:
            count = ceil(pods / fits)
            choices.append((count * machine.cpu, machine.cpu, count, machine))
    _, _, count, machine = min(choices, key=lambda choice: choice[:2])
    return machine, count


def _tier(requests: float, connections: int, platform: Platform) -> DatabaseTier:
    tiers = database_tiers(platform)
    for tier in tiers:
        enough = tier.cpu * REQUESTS_PER_DATABASE_CPU >= requests
        if enough and tier.max_connections >= connections + RESERVED_CONNECTIONS:
            return tier
    raise InvalidInputError(
        f"the load sends {requests:.0f} requests/s over {connections} connections to PostgreSQL; the largest database "
        f"({tiers[-1].name}) is sized for {tiers[-1].cpu * REQUESTS_PER_DATABASE_CPU} and {tiers[-1].max_connections}"
    )


def _load_steps(load: Load, cpu: float) -> tuple[Step, ...]:
    source = "installation:load" if load.logins_per_second is not None else "assumption; give loginsPerSecond"
    return (
        Step(what="logins", value=f"{load.logins:.2f}/s", because=load.logins_because, source=source),
        Step(
            what="clients at their limits",
            value=f"{load.limited_requests:.0f} requests/s",
            because=f"{load.clients_at_limit} x "
            f"({CONSOLE_REQUESTS_PER_SECOND} of RL-1 + {OTHER_REQUESTS_PER_SECOND} of RL-2)",
            source="terms",
        ),
        Step(
            what="CPU of ZITADEL",
            value=f"{cpu:.2f} vCPU",
            because=f"logins x {CPU_PER_LOGIN:.2f} vCPU s + {load.requests_per_second + load.limited_requests:.0f} "
            f"other requests/s x at most {CPU_PER_REQUEST * 1000:.1f} ms",
            source=_BENCHMARK,
        ),
        Step(
            what="requests to the database",
            value=f"{requests_of(load):.0f}/s",
            because=f"logins x {REQUESTS_PER_LOGIN:.1f} requests, and the others",
            source=_BENCHMARK,
        ),
    )
