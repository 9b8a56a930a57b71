"""A proof that a pod finds room wherever the scheduler puts the others, and in whatever order.

Whoever wants to keep a pod of size r out has to fill every node that admits it: on node n in some resource d at least
gap(n, d) = free - r + 1. What the others request is bounded, so if no choice of resources pays for all nodes, the pod
always fits. Three sufficient conditions are tried: a node that all others together cannot fill, or on
which none of them fits; more nodes to fill
than there are pods to fill them with; and for some weights of the resources, a price of the nodes above the price of
all pods (the Lagrangian bound of that knapsack: it is valid for whatever weights).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kastellan.preflight.zone_loss.room import NONE, Room, holds, larger, plus, smaller, times
from kastellan.preflight.zone_loss.site import Site
from kastellan.preflight.zone_loss.situation import Group

_ROUNDS = 12
_MARGIN = 1 + 1e-9
"""Floats only decide where they are clear."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """Pods that may be anywhere.

    Attributes:
        total: what they request together.
        largest: of each resource what the pod requests that requests the most of it.
        smallest: of each resource the least.
        pods: how many they are.
    """

    total: Room = NONE
    largest: Room = NONE
    smallest: Room = NONE
    pods: int = 0

    @classmethod
    def of(cls, groups: Sequence[Group]) -> "Crowd":
        """Of all pods of the groups."""
        crowd = cls()
        for group in groups:
            crowd = crowd.with_more(group.need, group.count)
        return crowd

    def with_more(self, need: Room, count: int) -> "Crowd":
        """With so many equal pods more."""
        if count <= 0:
            return self
        return Crowd(
            total=plus(self.total, times(need, count)),
            largest=larger(self.largest, need),
            smallest=smaller(self.smallest, need) if self.pods else need,
            pods=self.pods + count,
        )

    def without_one(self, need: Room) -> "Crowd":
        """Without one pod; the largest and the smallest stay, which errs on the safe side."""
        return replace(self, total=plus(self.total, times(need, -1)), pods=self.pods - 1)


def always_fits(need: Room, sites: Sequence[Site], crowd: Crowd, *, spare: int = 0) -> bool:
    """Whether a pod finds room on one of the sites wherever the crowd goes.

    Args:
        need: of the pod.
        sites: that admit it.
        crowd: everybody else who looks for a place.
        spare: how many of the sites, whichever they are, may not be counted on.
    """
    gaps: list[list[tuple[int, int]]] = []
    cannot_be_filled, fillers = 0, []
    wanted = [(d, want - 1, crowd.total[d]) for d, want in enumerate(need) if want]
    for site in sites:
        free = site.free
        if not holds(free, need):
            continue
        payable = [(d, free[d] - less) for d, less, total in wanted if free[d] - less <= total]
        if not payable or not holds(free, crowd.smallest):
            cannot_be_filled += 1
            continue
        gaps.append(payable)
        fillers.append(min(-(-room // crowd.largest[d]) for d, room in payable))
    if cannot_be_filled > spare:
        return True
    left = spare - cannot_be_filled
    fillers.sort()
    if len(fillers) > left and sum(fillers[: len(fillers) - left]) > crowd.pods:
        return True
    return _too_dear(gaps, crowd.total, left)


def _too_dear(gaps: list[list[tuple[int, int]]], total: Room, spare: int) -> bool:
    used = [d for d in range(4) if total[d] > 0]
    weights = {d: 1 / total[d] for d in used}
    for _ in range(_ROUNDS if len(gaps) > spare else 0):
        spent = dict.fromkeys(used, 0)
        prices = []
        for payable in gaps:
            price, d, room = min((weights[d] * room, d, room) for d, room in payable)
            prices.append(price)
            spent[d] += room
        prices.sort()
        if sum(prices[: len(prices) - spare]) > _MARGIN * sum(weights[d] * total[d] for d in used):
            return True
        # What is spent beyond the budget becomes dearer, what is not spent cheaper.
        weights = {d: weights[d] * (0.4 + 0.6 * min(3.0, spent[d] / total[d])) for d in used}
    return False
