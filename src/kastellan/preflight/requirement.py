"""What an installation needs of its platform: plain data that the caller derives from the stack and the manifests.

The preflight does not know how manifests are rendered; it is handed pod specifications, references and rights.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from kastellan.domain.kubernetes_object import ObjectRef
from kastellan.preflight.facts import Right
from kastellan.preflight.resources import Resources, effective_limit, effective_request
from kastellan.preflight.taint import Toleration


class Occasion(StrEnum):
    """What the run decides about; each check says which occasions it gates."""

    INSTALLATION = "installation"
    MAINTENANCE = "maintenance"


class PodKind(StrEnum):
    """How long a pod is there."""

    SERVICE = "service"
    """Replicas of a Deployment, spread over zones as a must."""
    JOB = "job"
    """One pod that runs to its end; jobs run one after another, before a rollout."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PodNeed:
    """Pods of one kind.

    Attributes:
        name: component or job, such as `zitadel`, `setup`.
        kind: service or job.
        spec: `spec` of the pod template.
        replicas: how many; with an autoscaler its maximum.
        surge: how many more during a rollout.
    """

    name: str
    kind: PodKind
    spec: Mapping[str, Any]
    replicas: int = 1
    surge: int = 0

    @property
    def request(self) -> Resources:
        """What the scheduler reserves for one."""
        return effective_request(self.spec)

    @property
    def limit(self) -> Resources:
        """Its effective limits."""
        return effective_limit(self.spec)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterNeed:
    """What is needed of the cluster.

    Attributes:
        namespace: where the installation lives.
        namespace_labels: labels that the namespace gets where it does not exist yet.
        zones: zones with nodes that take our pods (DI-2).
        pods: services and jobs.
        objects: references of all rendered objects, each to be tried by dry run; none without a stack.
        object_counts: new objects by the key that a quota counts them with, such as `secrets`, `count/jobs.batch`.
        rights: rights that the installation uses, derived from the manifests.
        tolerations: of our pods.
        architectures: for which there are images.
    """

    namespace: str
    pods: tuple[PodNeed, ...]
    rights: tuple[Right, ...]
    objects: tuple[ObjectRef, ...] = ()
    zones: int = 3
    namespace_labels: Mapping[str, str] = field(default_factory=dict)
    object_counts: Mapping[str, int] = field(default_factory=dict)
    tolerations: tuple[Toleration, ...] = ()
    architectures: tuple[str, ...] = ("amd64", "arm64")


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseNeed:
    """What is needed of the database.

    Attributes:
        name: database.
        role: role that ZITADEL runs as.
        admin: role that may make both; empty where both must exist already.
        pool_size: connections that one pod may open (`MaxOpenConns`).
        pods: pods at the peak that open a pool: highest number of replicas, surge, and one job.
        margin: connections kept free for people and monitoring.
    """

    name: str
    role: str
    pool_size: int
    pods: int
    admin: str = ""
    margin: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """All needs; a half that is not to be checked is None and its checks are not applicable.

    Attributes:
        occasion: what the run decides about.
        cluster: the cluster's half.
        database: the database's half.
        next_maintenance: until when the platform has to stay in support; None means a quarter from now (MU-2).
    """

    occasion: Occasion = Occasion.INSTALLATION
    cluster: ClusterNeed | None = None
    database: DatabaseNeed | None = None
    next_maintenance: datetime | None = None
