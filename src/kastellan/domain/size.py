"""Sizes of an installation on a given cluster: replicas and resources of the pods.

Requests and limits of the API are ZITADEL's own (Kubernetes operations page, "resources": small, medium, large). Which
size a load needs, with how many replicas, on which nodes and which database, is said by `domain/sizing.py`.
"""

from dataclasses import dataclass
from enum import StrEnum

SPARE_CONNECTIONS = 5
"""For an administrator who has to look while everything runs."""


class SizeName(StrEnum):
    """The sizes a stack may ask for."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


@dataclass(frozen=True, slots=True, kw_only=True)
class PodResources:
    """Requests and limits of one container; CPU in millicores, memory in MiB."""

    cpu_request: int
    cpu_limit: int
    memory_request: int
    memory_limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """What one size means.

    Attributes:
        replicas: API pods; one more than losing a zone of three may cost, so that the rest carries the load (DI-2).
        login_replicas: pods of the login application.
        api: resources of an API pod.
        login: resources of a login pod.
        connections_per_replica: PostgreSQL connections that one API pod may open (`MaxOpenConns`).
    """

    replicas: int
    login_replicas: int
    api: PodResources
    login: PodResources
    connections_per_replica: int

    def surge(self, zones: int) -> int:
        """API pods beyond the replicas during an update: as many as a zone holds."""
        return max(1, self.replicas // zones)

    def connections(self, zones: int, *, at_most: int = 0) -> int:
        """PostgreSQL connections in the middle of an update, with the setup job and an administrator.

        Args:
            zones: zones to spread over.
            at_most: replicas that an autoscaler may make, where there is one.
        """
        pods = max(self.replicas, at_most) + self.surge(zones) + 1
        return pods * self.connections_per_replica + SPARE_CONNECTIONS


_LOGIN = PodResources(cpu_request=50, cpu_limit=500, memory_request=128, memory_limit=256)

SIZES: dict[SizeName, Size] = {
    SizeName.SMALL: Size(
        replicas=3,
        login_replicas=3,
        api=PodResources(cpu_request=100, cpu_limit=500, memory_request=256, memory_limit=512),
        login=_LOGIN,
        connections_per_replica=10,
    ),
    SizeName.MEDIUM: Size(
        replicas=3,
        login_replicas=3,
        api=PodResources(cpu_request=250, cpu_limit=1000, memory_request=512, memory_limit=1024),
        login=_LOGIN,
        connections_per_replica=15,
    ),
    SizeName.LARGE: Size(
        replicas=6,
        login_replicas=3,
        api=PodResources(cpu_request=500, cpu_limit=2000, memory_request=1024, memory_limit=2048),
        login=_LOGIN,
        connections_per_replica=20,
    ),
}
