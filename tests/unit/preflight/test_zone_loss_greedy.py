"""What the model proves, against schedulers on paper that take pods in any order and any node that admits them."""

import random
from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from kastellan.preflight.node_facts import ZONE, Node
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.zone_loss.answer import answer
from kastellan.preflight.zone_loss.cluster_model import ClusterModel
from kastellan.preflight.zone_loss.room import holds, minus
from kastellan.preflight.zone_loss.situation import Group, Situation
from tests.unit.preflight.platforms import amounts, kind, node, standing

_OURS = 1_000_000
_TRIES = 25


@st.composite
def _situations(draw: st.DrawFn) -> Situation:
    def cores(most: int) -> str:
        return str(Decimal(draw(st.integers(1, most))) / 4)

    zones = [*"abc", *draw(st.lists(st.sampled_from("abc"), max_size=3))]
    machines: list[Node] = [
        node(f"n{i}", zone, allocatable=amounts(cores(10), 1), pods=draw(st.integers(1, 6)))
        for i, zone in enumerate(zones)
    ]
    ours = kind("zitadel", cores(4), 0, spread=draw(st.booleans()))
    more = kind("login", cores(4), 0, spread=draw(st.booleans()))
    hosts = draw(st.lists(st.sampled_from(machines), max_size=3, unique_by=lambda one: one.zone))
    placed = [(ours, one.name) for one in hosts]
    others = [
        Group(kind(cpu=cores(5), mib=0, priority=_OURS, owner=f"ReplicaSet/{i}"), draw(st.integers(1, 3)))
        for i in range(draw(st.integers(0, 3)))
    ]
    queue = [Group(ours, draw(st.integers(1, 4))), Group(more, draw(st.integers(0, 2)))]
    return replace(ClusterModel(machines, standing(*placed)).situation(queue), others=others)


def _greedy(situation: Situation, chance: random.Random) -> bool:
    """One scheduler: does it place all of ours?"""
    pods = [group.kind for group in (*situation.ours, *situation.others) for _ in range(group.count)]
    chance.shuffle(pods)
    free = {site.node.name: site.free for site in situation.sites}
    counts = {
        id(group.kind): [situation.domains(group.kind, s) for s in group.kind.spreads] for group in situation.ours
    }
    waiting = pods
    while waiting:
        left = []
        for pod in waiting:
            need = Group(pod, 1).need
            fitting = [
                site.node
                for site in situation.sites
                if holds(free[site.node.name], need)
                and all(
                    count[site.node.labels[ZONE]] + 1 - min(count.values()) <= spread.skew
                    for spread, count in zip(pod.spreads, counts.get(id(pod), []), strict=True)
                )
            ]
            if not fitting:
                left.append(pod)
                continue
            chosen = chance.choice(fitting)
            free[chosen.name] = minus(free[chosen.name], need)
            for count in counts.get(id(pod), []):
                count[chosen.labels[ZONE]] += 1
        if len(left) == len(waiting):
            return not any(pod.ours for pod in left)
        waiting = left  # a pod that the spread kept out is tried again when others stand
    return True


@given(_situations(), st.integers(0, 2**32))
def test_no_order_and_no_choice_of_nodes_refutes_a_proof(situation: Situation, start: int) -> None:
    outcome = answer(situation).outcome
    chance = random.Random(start)
    stood = [_greedy(situation, chance) for _ in range(_TRIES)]
    if outcome is Outcome.PASS:
        assert all(stood)
    if outcome is Outcome.FAIL:
        assert not any(stood)
