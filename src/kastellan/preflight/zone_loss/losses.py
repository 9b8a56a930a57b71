"""Every zone taken away once, and what is then known about the room for our pods."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kastellan.preflight.node_facts import Node
from kastellan.preflight.outcome import worst
from kastellan.preflight.zone_loss.answer import Answer, answer
from kastellan.preflight.zone_loss.cluster_model import ClusterModel
from kastellan.preflight.zone_loss.situation import Group, Situation


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """One zone's loss.

    Attributes:
        zone: that is lost.
        answer: the worst over both shapes of the outage, and over every node that may be drained besides.
        ours: pods of ours that look for a place.
        others: pods of others that do.
    """

    zone: str
    answer: Answer
    ours: int
    others: int


def losses(model: ClusterModel, more: Sequence[Group] = (), *, draining: bool = False) -> list[Loss]:
    """Each zone lost by itself.

    Args:
        model: the cluster with our pods in it.
        more: pods of ours that look for a place at the same time.
        draining: whether one more node, whichever it is, is being drained.
    """
    zones = sorted({node.zone for node in model.nodes if node.zone})
    return [_loss(model, zone, more, draining=draining) for zone in zones]


def _loss(model: ClusterModel, zone: str, more: Sequence[Group], *, draining: bool) -> Loss:
    gone = {node.name for node in model.nodes if node.zone == zone}
    first = model.situation(more, gone=gone)
    answers = [answer(one) for one in _shapes(model, first, more, gone, draining=draining)]
    outcome = worst(one.outcome for one in answers)
    return Loss(
        zone=zone,
        answer=next(one for one in answers if one.outcome is outcome),
        ours=sum(group.count for group in first.ours),
        others=sum(group.count for group in first.others),
    )


def _shapes(
    model: ClusterModel, deleted: Situation, more: Sequence[Group], gone: set[str], *, draining: bool
) -> Iterator[Situation]:
    """Nodes deleted, and nodes not ready with the taint of an unreachable one; they differ where taints are ignored."""
    ignoring = any(not spread.honor_taints for group in deleted.ours for spread in group.kind.spreads)
    for visible in (False, True) if ignoring else (False,):
        hosts = {node.name: node for node in _hosts(model, gone)} if draining else {}
        others = any(node.name not in gone and node.name not in hosts for node in model.nodes)
        yield model.situation(more, gone=gone, visible=visible, any_node_may_go=draining and others)
        for node in hosts.values():
            yield model.situation(more, gone=gone | {node.name}, visible=visible)


def _hosts(model: ClusterModel, gone: set[str]) -> list[Node]:
    """Nodes that remain and have pods of ours; draining any other one moves none of them."""
    return [node for node in model.hosts_of_ours() if node.name not in gone]
