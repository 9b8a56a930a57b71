"""CPU, memory and storage of pods and nodes, and what the scheduler reserves for a pod.

Absent: extended resources (GPUs and the like), which no pod of ours asks for.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kastellan.preflight.quantity import bytes_up, format_bytes, format_millicores, millicores_up, parse_quantity

_NAMES = ("cpu", "memory", "ephemeral-storage")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """An amount of each resource; also negative where it is what is left.

    Attributes:
        cpu: millicores.
        memory: bytes.
        ephemeral_storage: bytes.
    """

    cpu: int = 0
    memory: int = 0
    ephemeral_storage: int = 0

    @classmethod
    def demand(cls, quantities: Mapping[str, Any] | None) -> "Resources":
        """A `requests` or `limits` map, rounded up.

        Raises:
            ValueError: a value is no quantity.
        """
        given = quantities or {}
        return cls(
            cpu=millicores_up(given.get("cpu", 0)),
            memory=bytes_up(given.get("memory", 0)),
            ephemeral_storage=bytes_up(given.get("ephemeral-storage", 0)),
        )

    @classmethod
    def supply(cls, quantities: Mapping[str, Any] | None) -> "Resources":
        """An `allocatable` map, rounded down.

        Raises:
            ValueError: a value is no quantity.
        """
        cpu, memory, storage = (parse_quantity((quantities or {}).get(name, 0)) for name in _NAMES)
        return cls(cpu=math.floor(cpu * 1000), memory=math.floor(memory), ephemeral_storage=math.floor(storage))

    def __add__(self, other: "Resources") -> "Resources":
        return Resources(
            cpu=self.cpu + other.cpu,
            memory=self.memory + other.memory,
            ephemeral_storage=self.ephemeral_storage + other.ephemeral_storage,
        )

    def __sub__(self, other: "Resources") -> "Resources":
        return self + other * -1

    def __mul__(self, factor: int) -> "Resources":
        return Resources(
            cpu=self.cpu * factor,
            memory=self.memory * factor,
            ephemeral_storage=self.ephemeral_storage * factor,
        )

    def highest(self, other: "Resources") -> "Resources":
        """The higher of both, resource by resource."""
        return Resources(
            cpu=max(self.cpu, other.cpu),
            memory=max(self.memory, other.memory),
            ephemeral_storage=max(self.ephemeral_storage, other.ephemeral_storage),
        )

    def fits_in(self, room: "Resources") -> bool:
        """Whether the room holds this; what is not asked for may be overdrawn (as the scheduler sees it)."""
        pairs = (
            (self.cpu, room.cpu),
            (self.memory, room.memory),
            (self.ephemeral_storage, room.ephemeral_storage),
        )
        return all(asked == 0 or asked <= there for asked, there in pairs)

    def __str__(self) -> str:
        return f"{format_millicores(self.cpu)} CPU and {format_bytes(self.memory)} memory"


def total(amounts: Iterable[Resources]) -> Resources:
    """The sum; nothing sums to zero."""
    return sum(amounts, start=Resources())


def effective_request(spec: Mapping[str, Any], status: Mapping[str, Any] | None = None) -> Resources:
    """What the scheduler keeps free on a node for a pod.

    Source: Kubernetes documentation, "Effective Pod requests and limits": the higher of the running phase (containers
    and sidecars) and of every step of initialization (the init container and the sidecars before it), plus overhead;
    a request at pod level takes the place of both. A container without a request counts with its limit, as the API
    server sets it. With a status, a container that is being resized counts with the higher of its figures (KEP-1287).

    Raises:
        ValueError: a value is no quantity.
    """
    return _effective(spec, "requests", status)


def effective_limit(spec: Mapping[str, Any]) -> Resources:
    """The limits by the same rule; quotas on `limits.*` count these.

    Raises:
        ValueError: a value is no quantity.
    """
    return _effective(spec, "limits", None)


def container_amounts(container: Mapping[str, Any], which: str) -> dict[str, Any]:
    """The `requests` or `limits` of a container, requests completed by limits as the API server does."""
    resources = container.get("resources") or {}
    own = dict(resources.get(which) or {})
    return {**(resources.get("limits") or {}), **own} if which == "requests" else own


def _effective(spec: Mapping[str, Any], which: str, status: Mapping[str, Any] | None) -> Resources:
    held = _held(status) if status and which == "requests" else {}

    def amount(container: Mapping[str, Any]) -> Resources:
        asked = Resources.demand(container_amounts(container, which))
        return asked.highest(held.get(container.get("name", ""), Resources()))

    running = total(amount(container) for container in spec.get("containers") or ())
    sidecars = peak = Resources()
    for container in spec.get("initContainers") or ():
        if container.get("restartPolicy") == "Always":
            sidecars += amount(container)
            peak = peak.highest(sidecars)
        else:
            peak = peak.highest(sidecars + amount(container))
    result = (running + sidecars).highest(peak)
    pod_level = (spec.get("resources") or {}).get(which) or {}
    if pod_level:
        of_pod = Resources.demand(pod_level)
        result = Resources(
            cpu=of_pod.cpu if "cpu" in pod_level else result.cpu,
            memory=of_pod.memory if "memory" in pod_level else result.memory,
            ephemeral_storage=result.ephemeral_storage,
        )
    return result + Resources.demand(spec.get("overhead"))


def _held(status: Mapping[str, Any]) -> dict[str, Resources]:
    rows = [*(status.get("containerStatuses") or ()), *(status.get("initContainerStatuses") or ())]
    return {
        row["name"]: Resources.demand(row.get("allocatedResources")).highest(
            Resources.demand((row.get("resources") or {}).get("requests"))
        )
        for row in rows
    }
