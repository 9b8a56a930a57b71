"""A node as a place for pods, and which pods it takes by its labels and taints."""

from dataclasses import dataclass

from kastellan.preflight.label_rule import all_hold
from kastellan.preflight.node_facts import Node, Taint
from kastellan.preflight.pod_facts import PodKind, Toleration
from kastellan.preflight.zone_loss.room import NONE, Room

_CORDON = Taint(key="node.kubernetes.io/unschedulable", effect="NoSchedule")
_NOT_READY = Taint(key="node.kubernetes.io/not-ready", effect="NoSchedule")


@dataclass(slots=True)
class Site:
    """A node with what is free on it.

    Attributes:
        node: see there.
        free: what nobody has requested; may be negative.
        yielding: what pods of lower priority than ours hold, which the scheduler would evict for ours.
    """

    node: Node
    free: Room
    yielding: Room = NONE


def takes(node: Node, kind: PodKind) -> bool:
    """Whether labels and taints of a node admit a pod; room is another matter."""
    return tolerated(node, kind) and selected(node, kind)


def tolerated(node: Node, kind: PodKind) -> bool:
    """Whether the pod bears every taint of the node, the ones of a cordon and of a node that is not ready included."""
    if not node.taints and node.ready and not node.cordoned:  # as nearly all of them are
        return True
    taints = list(node.taints)
    if node.cordoned:
        taints.append(_CORDON)
    if not node.ready and not taints:
        taints.append(_NOT_READY)
    return all(any(_bears(toleration, taint) for toleration in kind.tolerations) for taint in taints)


def selected(node: Node, kind: PodKind) -> bool:
    """Whether the pod's selector, its node affinity and its volumes allow the node."""
    if kind.zones is not None and node.zone not in kind.zones:
        return False
    if not kind.selector and not kind.alternatives:
        return True
    labels = {**node.labels, "metadata.name": node.name}
    alternatives = kind.alternatives
    return all_hold(kind.selector, labels) and (
        not alternatives or any(rules and all_hold(rules, labels) for rules in alternatives)
    )


def _bears(toleration: Toleration, taint: Taint) -> bool:
    return (
        toleration.key in ("", taint.key)
        and toleration.value in (None, taint.value)
        and toleration.effect in ("", taint.effect)
    )
