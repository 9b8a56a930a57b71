"""What the collectors found out: frozen values, each group either known or unknown with a reason.

Unknown is part of every type, so that no check can forget it: what could not be read never looks like "nothing there".
Absent: secrets and whole objects; a fact holds what a check needs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from kastellan.domain.kubernetes_object import ObjectRef
from kastellan.domain.reason import Reason
from kastellan.domain.version import Version
from kastellan.preflight.resources import Resources
from kastellan.preflight.taint import Taint


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """The fact could not be established; the reason says why and who can change that."""

    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The API server.

    Attributes:
        version: from `/version`, field `gitVersion`, such as `v1.36.2-gke.100`.
        cluster_uid: uid of the namespace `kube-system`, the identity of the cluster; empty where it was not read.
    """

    version: Version
    cluster_uid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One node.

    Attributes:
        name: its name.
        zone: label `topology.kubernetes.io/zone`; empty without the label.
        ready: condition `Ready` is `True`.
        cordoned: `spec.unschedulable`.
        taints: `spec.taints`.
        architecture: `status.nodeInfo.architecture`, such as `amd64`.
        allocatable: `status.allocatable`, rounded down.
        pod_slots: `status.allocatable.pods`.
        kubelet: `status.nodeInfo.kubeletVersion`.
    """

    name: str
    zone: str
    ready: bool
    kubelet: Version
    allocatable: Resources
    pod_slots: int = 110
    cordoned: bool = False
    taints: tuple[Taint, ...] = ()
    architecture: str = "amd64"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """One pod that is neither `Succeeded` nor `Failed`.

    Attributes:
        namespace: where it lives.
        name: its name.
        node: where it runs; empty while it is pending.
        request: `effective_request(spec, status)`.
        component: `PodNeed.name` that it belongs to where it is ours (instance and name label); else empty.
    """

    namespace: str
    name: str
    node: str
    request: Resources
    component: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Right:
    """One right that an access review can confirm.

    Attributes:
        verb: such as `patch`.
        group: API group; empty for the core group.
        resource: plural, with the sub-resource after a slash, such as `pods/portforward`.
        namespace: empty for cluster-scoped resources or all namespaces.
        name: empty for all names.
    """

    verb: str
    group: str
    resource: str
    namespace: str = ""
    name: str = ""

    def __str__(self) -> str:
        kind = f"{self.resource}.{self.group}" if self.group else self.resource
        thing = f"{kind} {self.name}" if self.name else kind
        return f"{self.verb} {thing}" + (f" in {self.namespace}" if self.namespace else "")


class DryRunVerdict(StrEnum):
    """What the API server said to one dry run."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    """Validation or admission refuses the object itself."""
    FORBIDDEN = "forbidden"
    """Our identity lacks the right, so the object was never judged."""
    UNDETERMINED = "undetermined"
    """No judgement: the namespace is missing, a webhook without `sideEffects: None` cannot be asked, a timeout."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """The answer to one dry run.

    Attributes:
        ref: the object as we would make it.
        verdict: what the server said.
        message: the server's words where it did not accept; no secrets.
        warnings: `Warning` headers, such as about deprecated versions.
        stand_in_namespace: namespace in which it was tried because its own does not exist yet; else empty.
    """

    ref: ObjectRef
    verdict: DryRunVerdict
    message: str = ""
    warnings: tuple[str, ...] = ()
    stand_in_namespace: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceFact:
    """The namespace of the installation: whether it exists, and its labels (empty where it does not)."""

    name: str
    exists: bool
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """One ResourceQuota of the namespace: `status.hard` and `status.used` by their keys, parsed.

    Attributes:
        name: its name.
        hard: limit by key.
        used: use by key.
        scoped: it has `scopes` or a `scopeSelector`, and so may not count all pods.
    """

    name: str
    hard: Mapping[str, Fraction]
    used: Mapping[str, Fraction]
    scoped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRangeItem:
    """One item of a LimitRange; only types `Container` and `Pod` concern us. Maps by `cpu`, `memory`, …, parsed."""

    name: str
    type: str
    minimum: Mapping[str, Fraction]
    maximum: Mapping[str, Fraction]
    ratio: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectorTerm:
    """One `matchExpressions` entry; `matchLabels` are written as `In` with one value."""

    key: str
    operator: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRule:
    """One rule: API groups, resources and operations as they are written, wildcards included."""

    groups: tuple[str, ...]
    resources: tuple[str, ...]
    operations: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """One admission webhook.

    Attributes:
        configuration: name of its configuration object.
        name: its own name.
        fails_closed: `failurePolicy` is `Fail` (the default).
        timeout_seconds: `timeoutSeconds`.
        rules: what it looks at.
        namespace_selector: terms of `namespaceSelector`; empty matches all.
        side_effects: `sideEffects`.
        endpoint_zones: zone of each ready endpoint of its Service, with repetitions, empty for one without a zone;
            unknown for a URL outside the cluster.
        ca_expires: first end of validity in `caBundle`; None where it has none; unknown where it cannot be read.
    """

    configuration: str
    name: str
    fails_closed: bool
    rules: tuple[WebhookRule, ...]
    endpoint_zones: tuple[str, ...] | Unknown
    timeout_seconds: int = 10
    namespace_selector: tuple[SelectorTerm, ...] = ()
    side_effects: str = "None"
    ca_expires: datetime | Unknown | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterFacts:
    """What is known of the cluster.

    Attributes:
        server: version and identity.
        nodes: all nodes.
        pods: all active pods of all namespaces.
        access: answers of the access reviews by right; a single one may be unknown.
        dry_runs: answers for the rendered objects.
        pod_dry_runs: answers for Pods made of our pod templates; `ref.name` is the `PodNeed.name`.
        namespace: the installation's namespace.
        quotas: its ResourceQuotas; none where it does not exist.
        limit_ranges: items of its LimitRanges; none where it does not exist.
        webhooks: validating and mutating webhooks.
        unavailable_apis: names of the APIServices that are not available.
    """

    server: Server | Unknown
    nodes: tuple[Node, ...] | Unknown
    pods: tuple[Pod, ...] | Unknown
    access: Mapping[Right, bool | Unknown] | Unknown
    dry_runs: tuple[DryRun, ...] | Unknown
    pod_dry_runs: tuple[DryRun, ...] | Unknown
    namespace: NamespaceFact | Unknown
    quotas: tuple[Quota, ...] | Unknown
    limit_ranges: tuple[LimitRangeItem, ...] | Unknown
    webhooks: tuple[Webhook, ...] | Unknown
    unavailable_apis: tuple[str, ...] | Unknown

    @classmethod
    def nothing_known(cls, reason: Reason) -> "ClusterFacts":
        """All groups unknown for one reason, such as an unreachable API server."""
        gap = Unknown(reason=reason)
        return cls(
            server=gap,
            nodes=gap,
            pods=gap,
            access=gap,
            dry_runs=gap,
            pod_dry_runs=gap,
            namespace=gap,
            quotas=gap,
            limit_ranges=gap,
            webhooks=gap,
            unavailable_apis=gap,
        )


class LoginOutcome(StrEnum):
    """How far a connection with `sslmode=verify-full` and the given authorities came."""

    OPEN = "open"
    NO_TLS = "no TLS"
    """The server offers no TLS."""
    UNTRUSTED = "untrusted"
    """Its certificate does not verify: wrong authority, wrong name, expired."""
    REFUSED = "refused"
    """TLS is fine; the server does not let this role in: password, `pg_hba.conf`, missing role or database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """One attempt to log in.

    Attributes:
        user: role.
        outcome: how far it came.
        message: the server's words where it was not opened; no secrets.
    """

    user: str
    outcome: LoginOutcome
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresServer:
    """The server, read in any open session.

    Attributes:
        version_num: `server_version_num`, such as 170004.
        in_recovery: `pg_is_in_recovery()`: a standby.
        read_only: `transaction_read_only` is on.
        tls_version: `pg_stat_ssl.version`; empty where the session is not encrypted.
        wrong_ca_refused: a second connection that trusts another authority failed, as it must (negative control).
    """

    version_num: int
    in_recovery: bool
    read_only: bool
    tls_version: str
    wrong_ca_refused: bool | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseRole:
    """The role that ZITADEL runs as, and its database; read in its own session or in the administrator's.

    Attributes:
        name: role.
        exists: in `pg_roles`.
        superuser: `rolsuper`.
        database: name.
        database_exists: in `pg_database`.
        can_connect: `has_database_privilege(role, database, 'CONNECT')`; False where either does not exist.
        can_create: the same for `CREATE`.
        scratch_schema: a schema could be made and dropped again in its own session; the server's words where it could
            not; unknown where there was no session.
    """

    name: str
    exists: bool
    database: str
    database_exists: bool
    can_connect: bool = False
    can_create: bool = False
    superuser: bool = False
    scratch_schema: bool | str | Unknown = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminRole:
    """The role that makes role and database: `rolcreaterole`, `rolcreatedb`, `rolsuper`."""

    name: str
    create_role: bool
    create_database: bool
    superuser: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """What bounds the connections.

    Attributes:
        maximum: `max_connections`.
        reserved: `superuser_reserved_connections` + `reserved_connections`.
        role_limit: `rolconnlimit`; -1 means none.
        database_limit: `datconnlimit`; -1 means none.
        others: client sessions open now that are not of ZITADEL's role.
    """

    maximum: int
    reserved: int
    others: int
    role_limit: int = -1
    database_limit: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseFacts:
    """What is known of the database.

    Attributes:
        login: attempt as ZITADEL's role.
        admin_login: attempt as the administrator; None where none is configured.
        server: the server.
        role: ZITADEL's role and database.
        admin: the administrator; None where none is configured.
        limits: bounds of the connections.
        session_state_kept: a session setting survived twenty short transactions on one backend; False behind a
            pooler in transaction mode.
    """

    login: Login | Unknown
    admin_login: Login | Unknown | None
    server: PostgresServer | Unknown
    role: DatabaseRole | Unknown
    admin: AdminRole | Unknown | None
    limits: ConnectionLimits | Unknown
    session_state_kept: bool | Unknown

    @classmethod
    def nothing_known(cls, reason: Reason) -> "DatabaseFacts":
        """All groups unknown for one reason, such as a host that does not answer."""
        gap = Unknown(reason=reason)
        return cls(login=gap, admin_login=gap, server=gap, role=gap, admin=gap, limits=gap, session_state_kept=gap)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All facts of one run; a half that was not asked for is None."""

    cluster: ClusterFacts | None = None
    database: DatabaseFacts | None = None
