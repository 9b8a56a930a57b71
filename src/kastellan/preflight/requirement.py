"""What an installation needs of its platform: plain data, derived from its manifests by whoever calls the checks."""

from collections.abc import Mapping
from dataclasses import dataclass

from kastellan.preflight.facts import Amounts


@dataclass(frozen=True, slots=True, kw_only=True)
class PodNeed:
    """Pods of one kind in the middle of an update.

    Attributes:
        component: name of the component or job.
        count: how many at the most, surge included.
        requests: effective requests of one.
        limits: effective limits of one.
        spread: even over zones as a must.
    """

    component: str
    count: int
    requests: Amounts
    limits: Amounts
    spread: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """All needs of one installation.

    Attributes:
        zones: zones with nodes that take its pods (DI-2).
        architectures: for which there are images.
        pods: what has to be placed.
        connections: PostgreSQL connections at the peak.
        objects: how many objects there will be, by the plural that quotas count them with.
    """

    zones: int
    architectures: frozenset[str]
    pods: tuple[PodNeed, ...]
    connections: int
    objects: Mapping[str, int]
