"""What the collectors found out about a platform: frozen values, each group known or unknown with a reason.

Unknown is part of the types, so that no check can forget it: what could not be read never looks like "nothing there".
Absent: secrets and whole objects; a fact holds what a check needs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kastellan.domain.reason import Reason

_NONE = Decimal(0)


@dataclass(frozen=True, slots=True)
class Unknown:
    """The fact could not be established; the reason says why and who can change that."""

    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """An amount of each resource: cores, bytes of memory, bytes of ephemeral storage. What is left may be negative."""

    cpu: Decimal = _NONE
    memory: Decimal = _NONE
    storage: Decimal = _NONE

    def plus(self, other: "Amounts") -> "Amounts":
        """The sum, resource by resource."""
        return Amounts(
            cpu=self.cpu + other.cpu, memory=self.memory + other.memory, storage=self.storage + other.storage
        )

    def minus(self, other: "Amounts") -> "Amounts":
        """What is left, resource by resource."""
        return Amounts(
            cpu=self.cpu - other.cpu, memory=self.memory - other.memory, storage=self.storage - other.storage
        )

    def holds(self, other: "Amounts") -> bool:
        """Whether the other fits in; what it does not ask for may be overdrawn, as the scheduler sees it."""
        pairs = ((other.cpu, self.cpu), (other.memory, self.memory), (other.storage, self.storage))
        return all(asked == 0 or asked <= there for asked, there in pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One node.

    Attributes:
        name: its name.
        zone: label `topology.kubernetes.io/zone`; None without it.
        ready: condition `Ready` is `True`.
        cordoned: `spec.unschedulable`.
        taints: those that keep pods away, as `key=value:effect`.
        architecture: such as `amd64`.
        kubelet: its version as the node reports it.
        allocatable: what pods may request in all.
        pods: how many pods it takes.
    """

    name: str
    zone: str | None
    ready: bool
    cordoned: bool
    taints: tuple[str, ...]
    architecture: str
    kubelet: str
    allocatable: Amounts
    pods: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """A pod that has a node and has not ended: its node, its effective requests, and whether it is ours."""

    node: str
    requests: Amounts
    ours: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessAnswer:
    """The API server's answer to one access review: the right for people, and whether it is granted."""

    right: str
    allowed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """The API server's answer to one dry run.

    Attributes:
        subject: the object, for people.
        accepted: None where the answer says nothing about the object.
        message: the server's words where it did not accept.
    """

    subject: str
    accepted: bool | None
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """One ResourceQuota: what is left by its keys; `scoped` ones may not count all pods."""

    name: str
    left: Mapping[str, Decimal]
    scoped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerLimits:
    """One LimitRange: the most and the least that a container may ask for, by resource."""

    name: str
    most: Mapping[str, Decimal]
    least: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceRules:
    """What limits the installation's namespace; nothing does where it does not exist yet."""

    exists: bool
    quotas: tuple[Quota, ...] = ()
    limits: tuple[ContainerLimits, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A fail-closed admission webhook that sees objects of ours.

    Attributes:
        name: its name.
        timeout_seconds: how long the API server waits for it.
        service: namespace and name of its Service; empty for a URL.
        zones: zone of each ready endpoint of the Service; empty text for one whose zone is not known.
        authority_ends: when its `caBundle` ends; None where it has none that can be read.
    """

    name: str
    timeout_seconds: int
    service: str
    zones: tuple[str, ...]
    authority_ends: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """PostgreSQL, or TLS on the way to it, said no: a fact, unlike no answer at all."""

    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """What was seen in a session with `sslmode=verify-full`.

    Attributes:
        version: `server_version_num`, such as 170004.
        writable: neither a standby nor read-only.
        encrypted: the session is, by `pg_stat_ssl`.
        foreign_authority_refused: a connection that trusts another authority failed, as it must (negative control).
        role_may_create: ZITADEL's role made a schema, which was undone.
        admin_problem: what the administrator lacks; empty where nothing or where none is given.
        admin_given: whether there is an administrator.
        exists: whether role and database exist.
        connections_left: free connections by the tightest limit.
        tightest: name of that limit.
        session_kept: one session stayed one over many transactions; not so behind a pooler in transaction mode.
    """

    version: int
    writable: bool
    encrypted: bool
    foreign_authority_refused: bool
    role_may_create: bool
    admin_problem: str
    admin_given: bool
    exists: bool
    connections_left: int
    tightest: str
    session_kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All groups of one run, by the names that the collectors use.

    Attributes:
        server_version: `gitVersion` of the API server.
        nodes: all nodes.
        pods: pods of all namespaces that count against nodes.
        access: answers to the rights asked for.
        objects: dry runs of our objects.
        pod_admission: dry runs of our pods.
        namespace: quotas and limit ranges.
        webhooks: fail-closed webhooks that see our objects.
        database: a session, a refusal, or no answer.
    """

    server_version: str | Unknown
    nodes: tuple[Node, ...] | Unknown
    pods: tuple[Pod, ...] | Unknown
    access: tuple[AccessAnswer, ...] | Unknown
    objects: tuple[DryRun, ...] | Unknown
    pod_admission: tuple[DryRun, ...] | Unknown
    namespace: NamespaceRules | Unknown
    webhooks: tuple[Webhook, ...] | Unknown
    database: Database | Refused | Unknown
