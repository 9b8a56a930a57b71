"""What an installation needs of its platform, in numbers."""

from dataclasses import dataclass

from kastellan.preflight.facts import Amounts


@dataclass(frozen=True, slots=True, kw_only=True)
class PodNeed:
    """Equal pods that have to be placed.

    Attributes:
        component: such as `zitadel`.
        count: pods that stand at the same time, an update's surplus included.
        requests: of one pod.
        limits: of one pod.
        spread: whether they have to be spread evenly over the zones.
    """

    component: str
    count: int
    requests: Amounts
    limits: Amounts
    spread: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """What an installation needs.

    Attributes:
        zones: zones with nodes that take its pods (DI-2).
        architectures: for which its images exist.
        pods: what has to be placed.
        connections: PostgreSQL connections at most, during an update.
        objects: how many objects of each countable kind the namespace gets, such as `services`.
    """

    zones: int
    architectures: frozenset[str]
    pods: tuple[PodNeed, ...]
    connections: int
    objects: dict[str, int]
