"""What an installation needs of its platform, in numbers."""

from dataclasses import dataclass

from kastellan.preflight.amounts import Amounts
from kastellan.preflight.pod_facts import PodKind


@dataclass(frozen=True, slots=True, kw_only=True)
class PodNeed:
    """Equal pods that have to be placed.

    Attributes:
        kind: what the scheduler looks at; its `component` names it.
        steady: pods that always run.
        growth: pods that an autoscaler may add.
        surge: pods that stand besides those in the middle of an update, or of a job.
        limits: of one pod.
    """

    kind: PodKind
    steady: int
    growth: int = 0
    surge: int
    limits: Amounts

    @property
    def component(self) -> str:
        """Such as `zitadel`."""
        return self.kind.component

    @property
    def requests(self) -> Amounts:
        """Of one pod."""
        return self.kind.requests

    @property
    def count(self) -> int:
        """Pods that stand at the same time at most."""
        return self.steady + self.growth + self.surge


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """What an installation needs.

    Attributes:
        zones: zones with nodes that take its pods (DI-2).
        architectures: for which its images exist.
        pods: what has to be placed.
        connections: PostgreSQL connections at most, during an update.
        pool_taint: taint of the only nodes that take its pods, as `key=value:effect`; empty where all do.
        objects: how many objects of each countable kind the namespace gets, such as `services`.
    """

    zones: int
    architectures: frozenset[str]
    pods: tuple[PodNeed, ...]
    connections: int
    pool_taint: str
    objects: dict[str, int]
