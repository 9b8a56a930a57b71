"""What was seen of the pods: where they stand, and what the scheduler looks at when one has to move."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kastellan.preflight.amounts import Amounts
from kastellan.preflight.label_rule import LabelRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Toleration:
    """A taint that a pod bears; empty key means every taint, `value` None every value, empty effect every effect."""

    key: str = ""
    value: str | None = None
    effect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """A required anti-affinity: no pod that it matches in the same place.

    Attributes:
        topology: label of nodes whose value makes a place.
        rules: on the labels of other pods.
        namespaces: of the other pods; empty where `any_namespace`.
        any_namespace: a selector over namespaces is given, whose labels are not collected.
    """

    topology: str
    rules: tuple[LabelRule, ...]
    namespaces: tuple[str, ...] = ()
    any_namespace: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A spread that is a must (`whenUnsatisfiable: DoNotSchedule`).

    Source: kubernetes.io, "Pod Topology Spread Constraints".

    Attributes:
        topology: label of nodes whose value makes a domain.
        skew: how many pods a domain may have more than the emptiest.
        rules: on the labels of the pods that count, `matchLabelKeys` included.
        honor_taints: whether nodes with taints that the pod does not tolerate are no domain.
        honor_affinity: whether nodes that the pod does not select are no domain.
        least_domains: `minDomains`.
    """

    topology: str
    skew: int
    rules: tuple[LabelRule, ...]
    honor_taints: bool = False
    honor_affinity: bool = True
    least_domains: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PodKind:
    """What the pods of one owner have in common.

    Attributes:
        namespace: of the pods.
        owner: such as `ReplicaSet/shop-7d4b9`; empty where nobody makes them again.
        component: our component, such as `zitadel`; empty where the pods are not ours.
        labels: without those that differ from pod to pod.
        requests: effective requests of one pod.
        priority: higher ones go first.
        preempts: whether it may take the room of pods of lower priority.
        tolerations: see there.
        selector: rules on a node's labels, of which all have to hold.
        alternatives: groups of such rules (node affinity), of which one has to hold; none means no such demand.
        zones: where its volumes are; None where it has none that is bound to a zone.
        fixed: a pod of a DaemonSet or a static one: it ends with its node.
        apart: see there.
        spreads: see there.
        special: demands that the model cannot place, such as `host ports`.
    """

    namespace: str
    owner: str
    component: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    requests: Amounts
    priority: int = 0
    preempts: bool = True
    tolerations: tuple[Toleration, ...] = ()
    selector: tuple[LabelRule, ...] = ()
    alternatives: tuple[tuple[LabelRule, ...], ...] = ()
    zones: tuple[str, ...] | None = None
    fixed: bool = False
    apart: tuple[Apart, ...] = ()
    spreads: tuple[Spread, ...] = ()
    special: tuple[str, ...] = ()

    @property
    def ours(self) -> bool:
        """Whether the pods belong to this installation."""
        return bool(self.component)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """A pod that is bound to a node and has not ended; `kind` is its place in `Pods.kinds`."""

    node: str
    kind: int
    ending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pods:
    """All pods of the cluster that stand somewhere."""

    kinds: tuple[PodKind, ...] = ()
    pods: tuple[Pod, ...] = ()
