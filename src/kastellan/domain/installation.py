"""One installation as its stack configuration describes it: the desired state, without any secret.

Deliberately absent: everything observed (that is facts), everything about time (that is the contract), and secrets,
which travel in `Secrets` so that this value may be logged, hashed and stored.
"""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum

from kastellan.domain.host_names import HostNames
from kastellan.domain.image import Image, ImageSet
from kastellan.domain.service_plan import Platform
from kastellan.domain.size import SIZES, Size, SizeName
from kastellan.domain.version import Version


class RoutingKind(StrEnum):
    """How requests reach the Services."""

    GATEWAY = "gateway"
    INGRESS = "ingress"
    EDGE = "edge"
    """Kastellan runs an edge of its own, for a customer without one; it enforces RL-1 and RL-2."""
    NONE = "none"
    """The customer routes by own means; kastellan makes only the Services."""


class OnDrift(StrEnum):
    """What an update does about fields that somebody else changed (DI-6)."""

    REFUSE = "refuse"
    REVERT = "revert"


class Verification(StrEnum):
    """How a release is proved to serve, after the rollout."""

    REQUESTS = "requests"
    """Real requests to a pod of every zone through a port-forward: readiness, discovery, keys, login page."""
    READINESS = "readiness"
    """The kubelet's readiness probes only; for clusters whose policy forbids port-forwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """The customer's or the cloud's PostgreSQL; TLS is always verified in full (annex: strict TLS).

    Attributes:
        host: name or address, as in the server's certificate.
        port: TCP port.
        name: database of ZITADEL.
        user: role that ZITADEL runs as.
        ca: PEM of the authorities that may sign the server's certificate.
        admin_user: role that may create role and database; empty where both exist already (then only schemas are made).
    """

    host: str
    name: str
    user: str
    ca: str
    port: int = 5432
    admin_user: str = ""


class Exposure(StrEnum):
    """How the edge's Service is reached from outside; the names are those of Kubernetes' Service types."""

    LOAD_BALANCER = "LoadBalancer"
    NODE_PORT = "NodePort"
    CLUSTER_IP = "ClusterIP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """The edge that kastellan runs.

    Attributes:
        image: Traefik 3, by digest.
        exposure: type of its Service.
        trusted_proxies: CIDR ranges of proxies before it, whose word about the client's address counts; empty means
            that clients reach it directly. Rate limits are per client address, so a wrong word would lift them.
    """

    image: Image
    exposure: Exposure = Exposure.LOAD_BALANCER
    trusted_proxies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleLoadBalancer:
    """Google's global load balancer, made by a Gateway of ours on GKE.

    Attributes:
        certificate_map: of Certificate Manager; its certificates end TLS.
        security_policy: of Cloud Armor; it enforces RL-1 and RL-2.
        address: name of a global address.
    """

    certificate_map: str
    security_policy: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePool:
    """Nodes that are ZITADEL's alone: they carry a label, and a taint of the same key and value that repels others."""

    label: str
    value: str

    @property
    def taint(self) -> str:
        """As `kubectl` writes it."""
        return f"{self.label}={self.value}:NoSchedule"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePorts:
    """Ports of the nodes on which the Services answer, for a load balancer outside of the cluster.

    Attributes:
        api: of the API's Service.
        login: of the login's Service.
        sources: CIDR ranges that the load balancer's requests come from; nobody else may send any.
    """

    api: int
    login: int
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """The way in.

    Attributes:
        kind: Gateway API routes, an Ingress, an edge of our own, or nothing.
        class_name: IngressClass; only for an Ingress.
        gateway: name of the Gateway to attach to; only for routes.
        gateway_namespace: namespace of that Gateway.
        tls_secret: TLS Secret in our namespace for the Ingress or the edge; a Gateway has its own.
        controller_namespace: namespace whose pods may reach ours; the only ingress that the network policies allow.
        edge: the edge of our own; only with that kind.
        google: Google's load balancer, where the Gateway is made with the installation; only with kind gateway.
        node_ports: ports of the nodes; only with kind none.
    """

    kind: RoutingKind = RoutingKind.NONE
    class_name: str = ""
    gateway: str = ""
    gateway_namespace: str = ""
    tls_secret: str = ""
    controller_namespace: str = ""
    edge: Edge | None = None
    google: GoogleLoadBalancer | None = None
    node_ports: NodePorts | None = None

    @property
    def own_certificate(self) -> bool:
        """Whether the certificate at the way in is in a Secret of the installation's namespace."""
        return self.kind in (RoutingKind.INGRESS, RoutingKind.EDGE) and bool(self.tls_secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class Autoscaling:
    """Horizontal scaling by CPU; then the Deployment carries no `replicas` (the autoscaler owns the field)."""

    max_replicas: int
    target_cpu_percent: int = 70


@dataclass(frozen=True, slots=True, kw_only=True)
class Egress:
    """Where the pods may connect to besides DNS, each other and the database.

    Identity brokering (a core service, SL-1), mail and webhooks need the internet; the cluster's and the customer's
    private networks stay closed unless they are named.

    Attributes:
        internet_ports: TCP ports open to all public addresses.
        private_ranges: CIDR ranges open on the same ports, for example of a mail relay or a proxy inside.
    """

    internet_ports: tuple[int, ...] = (443, 465, 587)
    private_ranges: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """The desired state of one customer's ZITADEL (DI-1).

    Attributes:
        name: name of the stack and value of the instance label; a DNS label.
        platform: where it runs.
        namespace: its own namespace.
        version: ZITADEL release.
        images: the release's images by digest.
        hosts: its names.
        database: PostgreSQL.
        size_name: how big.
        replicas: API pods, where the load asks for more than the size's own; 0 is the size's.
        minimum_zones: zones that the replicas must spread over (DI-2).
        routing: the way in.
        node_pool: nodes for ZITADEL alone, or None where every node will do.
        autoscaling: horizontal scaling, or None.
        egress: where the pods may connect to.
        on_drift: what an update does about foreign changes.
        verification: how a release is proved to serve.
        undoing: the newer version whose update is taken back; None where nothing is.
        rollout_deadline: how long a Deployment may make no progress before its rollout counts as failed.
        key_generation: generation of the system users' keys; a higher one means new keys.
        image_pull_secret: name of an existing pull secret in the namespace, or empty.
    """

    name: str
    version: Version
    images: ImageSet
    hosts: HostNames
    database: Database
    platform: Platform = Platform.EXISTING
    namespace: str = "zitadel"
    size_name: SizeName = SizeName.SMALL
    replicas: int = 0
    minimum_zones: int = 3
    routing: Routing = field(default_factory=Routing)
    node_pool: NodePool | None = None
    autoscaling: Autoscaling | None = None
    egress: Egress = field(default_factory=Egress)
    on_drift: OnDrift = OnDrift.REFUSE
    verification: Verification = Verification.REQUESTS
    undoing: Version | None = None
    rollout_deadline: timedelta = timedelta(minutes=10)
    key_generation: int = 1
    image_pull_secret: str = ""

    @property
    def size(self) -> Size:
        """What the size means in replicas and resources."""
        size = SIZES[self.size_name]
        return replace(size, replicas=self.replicas) if self.replicas else size

    @property
    def domain(self) -> str:
        """ExternalDomain: the name by which ZITADEL knows itself."""
        return self.hosts.issuer
