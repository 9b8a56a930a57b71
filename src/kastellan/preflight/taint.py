"""Taints of nodes and tolerations of pods: whether a node takes a pod at all.

Absent: `PreferNoSchedule`, which never keeps a pod away, and the numeric operators that are still alpha.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_KEEPS_AWAY = frozenset({"NoSchedule", "NoExecute"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Taint:
    """One taint of a node."""

    key: str
    effect: str
    value: str = ""

    @classmethod
    def of(cls, taint: Mapping[str, Any]) -> "Taint":
        """As it stands in `spec.taints` of a node."""
        return cls(key=taint["key"], effect=taint["effect"], value=taint.get("value") or "")

    def __str__(self) -> str:
        return f"{self.key}={self.value}:{self.effect}" if self.value else f"{self.key}:{self.effect}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Toleration:
    """One toleration of a pod; an empty effect or key (with `Exists`) matches all."""

    key: str = ""
    operator: str = "Equal"
    value: str = ""
    effect: str = ""

    @classmethod
    def of(cls, toleration: Mapping[str, Any]) -> "Toleration":
        """As it stands in `spec.tolerations` of a pod."""
        return cls(
            key=toleration.get("key") or "",
            operator=toleration.get("operator") or "Equal",
            value=toleration.get("value") or "",
            effect=toleration.get("effect") or "",
        )

    def tolerates(self, taint: Taint) -> bool:
        """Kubernetes documentation, "Taints and Tolerations", the matching rule."""
        if self.effect and self.effect != taint.effect:
            return False
        if self.operator == "Exists":
            return self.key in ("", taint.key)
        return self.operator == "Equal" and (self.key, self.value) == (taint.key, taint.value)


def untolerated(taints: Iterable[Taint], tolerations: Iterable[Toleration]) -> tuple[Taint, ...]:
    """The taints that keep the pod away."""
    allowed = tuple(tolerations)
    return tuple(
        taint
        for taint in taints
        if taint.effect in _KEEPS_AWAY and not any(toleration.tolerates(taint) for toleration in allowed)
    )
