"""What was seen of a cluster and a database: plain data that can be stored and judged again.

A group of facts is either there or `Unknown` with the reason; a check that needs an unknown group comes to UNKNOWN.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.preflight.database_facts import Archiving, Database, MadeDatabase, ManagedService, Replication
from kastellan.preflight.dialogue import Dialogue
from kastellan.preflight.dry_run import DryRun
from kastellan.preflight.node_facts import Node
from kastellan.preflight.platform_facts import (
    AddressFamilies,
    AdmissionPolicy,
    ApiService,
    Disruptions,
    Entrance,
    Heartbeats,
    Issuance,
    Metrics,
    PullSecret,
    Storage,
)
from kastellan.preflight.pod_facts import Pods
from kastellan.preflight.probe_facts import Canary, Handshake, Issued, Mail, Names, NotProbed
from kastellan.preflight.zone_facts import Isolation, Pulls, Volumes, ZoneAnswer

LEFT_OUT = "left-out"
"""Code of the reason of a group that nobody tried to collect: its checks did not run."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A group of facts that could not be had; `kind` tells it from others where it is written down."""

    reason: Reason
    kind: Literal["unknown"] = "unknown"


def left_out(why: str, remediation: str) -> Unknown:
    """A group that was not tried, by the choice of whoever runs the preflight."""
    reason = Reason(code=LEFT_OUT, message=why, owner=Party.VENDOR, remediation=remediation, clause="DI-4")
    return Unknown(reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessAnswer:
    """The API server's answer whether our identity has a right, such as `create deployments.apps in zitadel`."""

    right: str
    allowed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What a ResourceQuota leaves: hard minus used, by resource name; `scoped` ones bind only some pods."""

    name: str
    left: Mapping[str, Decimal]
    scoped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a LimitRange asks of every container, or of every pod as a whole; by resource name.

    Attributes:
        name: of the LimitRange.
        of: `Container` or `Pod`.
        most: that limits may be.
        least: that requests have to be.
        ratio: how many times its request a limit may be.
    """

    name: str
    of: Literal["Container", "Pod"] = "Container"
    most: Mapping[str, Decimal] = field(default_factory=dict)
    least: Mapping[str, Decimal] = field(default_factory=dict)
    ratio: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceRules:
    """Quotas and limits of the namespace; `exists` is False where there is no such namespace yet."""

    exists: bool
    quotas: tuple[Quota, ...] = ()
    limits: tuple[Limits, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A fail-closed admission webhook that sees kinds of ours.

    Attributes:
        name: of the webhook.
        timeout_seconds: how long it may hold up a request.
        service: `namespace/name`, or empty where it is called by URL.
        zones: zones of its ready endpoints, one entry an endpoint; empty string where the zone is not known.
        authority_ends: when the authority that signs for it ends; None where none is given, or it cannot be read.
        authority_given: whether one is given at all.
    """

    name: str
    timeout_seconds: int
    service: str
    zones: tuple[str, ...]
    authority_ends: datetime | None
    authority_given: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The database answered and refused: a fact, unlike no answer."""

    reason: Reason
    kind: Literal["refused"] = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that the checks judge."""

    server_version: str | Unknown
    nodes: tuple[Node, ...] | Unknown
    pods: Pods | Unknown
    access: tuple[AccessAnswer, ...] | Unknown
    objects: tuple[DryRun, ...] | Unknown
    pod_admission: tuple[DryRun, ...] | Unknown
    namespace: NamespaceRules | Unknown
    webhooks: tuple[Webhook, ...] | Unknown
    policies: tuple[AdmissionPolicy, ...] | Unknown
    api_services: tuple[ApiService, ...] | Unknown
    excess: tuple[AccessAnswer, ...] | Unknown
    disruptions: Disruptions | Unknown
    entrance: Entrance | NotProbed | Unknown
    issuance: Issuance | NotProbed | Unknown
    metrics: Metrics | NotProbed | Unknown
    storage: Storage | NotProbed | Unknown
    heartbeats: Heartbeats | Unknown
    families: AddressFamilies | Unknown
    pull_secret: PullSecret | NotProbed | Unknown
    database: Database | Refused | Unknown
    replication: Replication | Unknown
    archiving: Archiving | Unknown
    made_database: MadeDatabase | Unknown | None
    managed: ManagedService | NotProbed | Unknown
    names: tuple[Names, ...] | NotProbed | Unknown
    handshake: tuple[Handshake, ...] | NotProbed | Unknown
    entry: tuple[Dialogue, ...] | NotProbed | Unknown
    mail: Mail | NotProbed | Unknown
    canary: Canary | NotProbed | Unknown
    issued: Issued | NotProbed | Unknown
    zones: tuple[ZoneAnswer, ...] | Unknown
    isolation: Isolation | Unknown
    pulls: Pulls | NotProbed | Unknown
    volumes: Volumes | NotProbed | Unknown
