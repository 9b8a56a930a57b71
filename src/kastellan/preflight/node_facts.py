"""What was seen of a node."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kastellan.preflight.amounts import Amounts

ZONE = "topology.kubernetes.io/zone"
HOSTNAME = "kubernetes.io/hostname"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taint:
    """What keeps pods away that do not tolerate it; `effect` is `NoSchedule` or `NoExecute`."""

    key: str
    value: str = ""
    effect: str

    def __str__(self) -> str:
        return f"{self.key}{'=' + self.value if self.value else ''}:{self.effect}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One node.

    Attributes:
        name: of the node.
        zone: None where the label is missing.
        ready: whether its kubelet reports so.
        cordoned: whether it is unschedulable.
        taints: those that repel.
        labels: all of them.
        architecture: such as `amd64`.
        kubelet: version, such as `v1.36.2`.
        allocatable: what pods may request altogether.
        pods: how many it takes.
    """

    name: str
    zone: str | None
    ready: bool
    cordoned: bool
    taints: tuple[Taint, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
    architecture: str
    kubelet: str
    allocatable: Amounts
    pods: int
