"""What was seen of what a platform brings along besides nodes and pods: plain data like all facts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kastellan.preflight.dry_run import DryRun


@dataclass(frozen=True, slots=True, kw_only=True)
class EntranceService:
    """A Service that lets requests in from outside; `zones` has one entry a ready endpoint, empty where unknown."""

    name: str
    zones: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntranceHosts:
    """Pods that let requests in at ports of their nodes.

    Attributes:
        name: what keeps them, such as `DaemonSet traefik`.
        ports: of the nodes.
        zones: one entry a ready pod, empty where unknown.
    """

    name: str
    ports: tuple[int, ...]
    zones: tuple[str, ...]

    @property
    def told(self) -> str:
        """The name with the ports."""
        return f"{self.name} at host port {', '.join(map(str, self.ports))}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """The controller that an Ingress or an HTTPRoute of ours needs.

    Attributes:
        kind: `IngressClass` or `GatewayClass`.
        name: of the class; empty where none is named and none is the default.
        controller: such as `traefik.io/ingress-controller`; empty where the class does not exist.
        problems: what class or Gateway say is wrong with them, in their controller's words.
        features: what a GatewayClass claims to support, sorted; None where it says nothing, as no IngressClass does.
        namespace: of the controller's pods; empty where they are not in the cluster.
        ports: of nodes at which requests may come in: of HTTP, of the entry point, and of the Gateway's listeners.
        services: in that namespace, of type LoadBalancer or NodePort, or with external addresses.
        hosts: in that namespace, at those ports.
    """

    kind: str
    name: str
    controller: str
    problems: tuple[str, ...] = ()
    features: tuple[str, ...] | None = None
    namespace: str = ""
    ports: tuple[int, ...] = (80, 443)
    services: tuple[EntranceService, ...] = ()
    hosts: tuple[EntranceHosts, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A PodDisruptionBudget that allows no eviction at present.

    Attributes:
        name: `namespace/name`.
        ours: whether it is one of ours.
        beside: somebody else's in our namespace: a pod of two budgets cannot be evicted at all.
        pods: that it is about.
        never: by its own terms it allows none, however many pods are healthy.
    """

    name: str
    ours: bool
    beside: bool
    pods: int
    never: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Disruptions:
    """Budgets and evictions.

    Attributes:
        budgets: how many there are in the cluster.
        blocking: those that allow no eviction, or stand beside ours.
        evictions: one a component of ours that runs, tried in a dry run.
    """

    budgets: int
    blocking: tuple[Budget, ...]
    evictions: tuple[DryRun, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """What an autoscaler has to go by.

    Attributes:
        problem: why the metrics API cannot be asked, in the API server's words; empty where it can.
        silent: ready nodes without metrics.
        nodes: ready nodes.
        oldest_seconds: age of the oldest node's metrics.
    """

    problem: str
    nodes: int = 0
    silent: tuple[str, ...] = ()
    oldest_seconds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuance:
    """cert-manager, tried in dry runs.

    Attributes:
        valid: a Certificate as it should be.
        invalid: one that only cert-manager's own validation refuses.
        troubles: what live Certificates for our Secret say is wrong.
    """

    valid: DryRun
    invalid: DryRun
    troubles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageClass:
    """A StorageClass.

    Attributes:
        name: of the class.
        provisioner: such as `pd.csi.storage.gke.io`.
        default: whether claims without a class get it.
        waits: `WaitForFirstConsumer`: the volume is made where the pod is placed.
        expands: whether a volume may grow.
        reclaim: `Delete` or `Retain`.
        zones: that `allowedTopologies` names; None where it names none, which allows all.
    """

    name: str
    provisioner: str
    default: bool
    waits: bool
    expands: bool
    reclaim: str
    zones: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """The class that was asked for, and what provisions it.

    Attributes:
        asked: name of the class.
        classes: all of them.
        driver_zones: zones with a node on which its CSI driver runs; None where it is no CSI driver.
        by_place: whether the driver's volumes can only be reached from some nodes.
        snapshots: whether a VolumeSnapshotClass is there for the driver.
    """

    asked: str
    classes: tuple[StorageClass, ...]
    driver_zones: tuple[str, ...] | None = None
    by_place: bool = False
    snapshots: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeats:
    """When ready nodes renewed their Leases by their own clocks, against the clock of the API server.

    Attributes:
        ahead_ms: by node, how far the renewal lies ahead of the moment at which it was read; negative as a rule.
        period_ms: the longest time after which a Lease counts as given up, by their own `leaseDurationSeconds`.
    """

    ahead_ms: Mapping[str, int] = field(default_factory=dict)
    period_ms: int = 40_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PullSecret:
    """The Secret by which images are pulled; of what it holds only the registries.

    Attributes:
        name: of the Secret.
        problem: why it is of no use; empty where it can be read.
        registries: for which it has a credential, as they are written there.
        images: repositories of the release; empty where no stack names them.
    """

    name: str
    problem: str
    registries: tuple[str, ...] = ()
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionPolicy:
    """A ValidatingAdmissionPolicy that is bound, denies, and sees kinds of ours.

    Attributes:
        name: of the policy.
        warnings: of the API server about its expressions.
    """

    name: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiService:
    """An aggregated API that is not available, and what the API server says about it."""

    name: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressFamilies:
    """Which of IPv4 and IPv6 a cluster has.

    Attributes:
        nodes: by node, the families of its pods' ranges, or of its own addresses where it has no range; sorted.
        services: those of the Service by which pods reach the API server, the first one first.
    """

    nodes: Mapping[str, tuple[str, ...]]
    services: tuple[str, ...]
