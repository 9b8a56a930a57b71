"""CAP-2 and CAP-3: what is proved, what is only possible, and what no more room can make worse."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kastellan.preflight.checks.cap_2 import CAP_2
from kastellan.preflight.checks.cap_3 import CAP_3
from kastellan.preflight.label_rule import LabelRule
from kastellan.preflight.node_facts import HOSTNAME, ZONE, Node, Taint
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.pod_facts import Apart, PodKind, Toleration
from kastellan.preflight.zone_loss.answer import answer
from kastellan.preflight.zone_loss.cluster_model import ClusterModel
from kastellan.preflight.zone_loss.situation import Group
from tests.unit.preflight.platforms import UNKNOWN, amounts, judged, kind, need, node, nodes, requirement, standing

_NEEDS = requirement(pods=(need(count=3),))
_OURS = kind("zitadel", "0.5", 512, spread=True)
_IN_A = LabelRule(ZONE, "In", ("a",))
_EACH_ZONE = tuple((_OURS, f"node-{zone}") for zone in "abc")


def _outcome(nodes_: tuple[Node, ...], *others: tuple[PodKind, str], ours: PodKind = _OURS) -> Outcome:
    placed = tuple((ours, f"node-{zone}") for zone in "abc")
    return judged(CAP_2, _NEEDS, nodes=nodes_, pods=standing(*placed, *others)).outcome


@pytest.mark.parametrize("check", [CAP_2, CAP_3])
@pytest.mark.parametrize("group", ["nodes", "pods"])
def test_what_could_not_be_listed_leaves_the_loss_of_a_zone_unknown(check: Any, group: str) -> None:
    finding = judged(check, **{group: UNKNOWN})
    assert finding.outcome is Outcome.UNKNOWN
    assert finding.remediation == "allow the list"


def test_room_for_ours_and_everybody_displaced_passes() -> None:
    shop = kind(cpu="1", priority=1_000_000)
    assert _outcome(nodes(), (shop, "node-a"), (shop, "node-b")) is Outcome.PASS


def test_rivals_of_equal_priority_that_may_come_first_make_it_a_warning() -> None:
    big, rival = kind(cpu="3", fixed=True), kind(cpu="0.5", priority=1_000_000)
    assert _outcome(nodes(), (big, "node-b"), (big, "node-c"), *[(rival, "node-a")] * 2) is Outcome.WARN


def test_rivals_too_big_for_the_room_that_is_left_cannot_take_it() -> None:
    rival = kind(cpu="1", priority=1_000_000)
    assert _outcome(nodes(), *((rival, f"node-{zone}") for zone in "aaabbbccc")) is Outcome.PASS


def test_rivals_of_lower_priority_wait_or_are_evicted() -> None:
    big, rival = kind(cpu="3", fixed=True), kind(cpu="0.5", priority=0)
    assert _outcome(nodes(), (big, "node-b"), (big, "node-c"), *[(rival, "node-a")] * 2) is Outcome.PASS


def test_a_rival_of_higher_priority_that_may_find_nothing_could_take_the_room_of_ours() -> None:
    rival = kind(cpu="3", priority=2_000_000)
    finding = judged(
        CAP_2, _NEEDS, nodes=nodes(), pods=standing(*_EACH_ZONE, *((rival, f"node-{zone}") for zone in "abc"))
    )
    assert finding.outcome is Outcome.WARN
    assert "higher priority" in finding.observed


def test_full_survivors_fail_and_the_zone_is_named_with_the_numbers() -> None:
    full = kind(cpu="3.4", priority=2_000_000)
    finding = judged(
        CAP_2, _NEEDS, nodes=nodes(), pods=standing(*_EACH_ZONE, *((full, f"node-{zone}") for zone in "bc"))
    )
    assert finding.outcome is Outcome.FAIL
    assert "without a: 0 of 1 pods of zitadel" in finding.observed
    assert "0.5 cores and 512 MiB" in finding.observed


def test_a_spread_that_ignores_taints_fails_where_the_dead_zone_still_counts() -> None:
    two = replace(_OURS, spreads=(replace(_OURS.spreads[0], honor_taints=False),))
    assert _outcome(nodes(), ours=two) is Outcome.FAIL
    assert _outcome(nodes()) is Outcome.PASS


@pytest.mark.parametrize(
    "bound",
    [
        {"zones": ("a",)},
        {"selector": (LabelRule(ZONE, "In", ("a",)),)},
        {"alternatives": ((LabelRule(ZONE, "In", ("a",)),),)},
    ],
    ids=["volume", "selector", "affinity"],
)
def test_pods_of_ours_that_are_bound_to_the_lost_zone_fail(bound: dict[str, Any]) -> None:
    held = replace(kind("zitadel", "0.5", 512), **bound)
    placed = standing(*((held, "node-a") for _ in range(3)))
    assert judged(CAP_2, _NEEDS, nodes=nodes(), pods=placed).outcome is Outcome.FAIL


@pytest.mark.parametrize("change", [{"fixed": True}, {"owner": ""}], ids=["of a DaemonSet", "without an owner"])
def test_pods_that_end_with_their_node_take_no_room_elsewhere(change: dict[str, Any]) -> None:
    big = replace(kind(cpu="3.4", priority=2_000_000), **change)
    assert _outcome(nodes(), (big, "node-a")) is Outcome.PASS


def test_nodes_with_a_taint_are_no_room_unless_it_is_borne() -> None:
    taint = (Taint(key="own", value="team", effect="NoSchedule"),)
    kept = (nodes()[0], *(replace(one, taints=taint) for one in nodes()[1:]))
    pods = standing((kind("zitadel", "0.5", 512), "node-a"))
    needs = requirement(pods=(need(count=1, spread=False),))
    assert judged(CAP_2, needs, nodes=kept, pods=pods).outcome is Outcome.FAIL
    bearing = standing((kind("zitadel", "0.5", 512, tolerations=(Toleration(key="own", value="team"),)), "node-a"))
    assert judged(CAP_2, needs, nodes=kept, pods=bearing).outcome is Outcome.PASS


def test_pods_that_keep_ours_away_close_their_node() -> None:
    rule = (LabelRule("app.kubernetes.io/name", "In", ("zitadel",)),)
    keeper = kind(cpu="0.1", apart=(Apart(topology=HOSTNAME, rules=rule, namespaces=("zitadel",)),))
    named = tuple(replace(one, labels={**one.labels, HOSTNAME: one.name}) for one in nodes())
    assert _outcome(named, (keeper, "node-b"), (keeper, "node-c")) is Outcome.FAIL
    somewhere = replace(keeper, apart=(replace(keeper.apart[0], namespaces=(), any_namespace=True),))
    assert _outcome(named, (somewhere, "node-b"), (somewhere, "node-c")) is Outcome.WARN


def test_draining_the_only_other_node_fails_cap_3_where_cap_2_passes() -> None:
    two_zones = nodes()[:2]
    assert judged(CAP_2, _NEEDS, nodes=two_zones).outcome is Outcome.PASS
    assert judged(CAP_3, _NEEDS, nodes=two_zones).outcome is Outcome.FAIL
    assert (
        judged(CAP_3, _NEEDS, nodes=tuple(node(f"{z}{i}", z) for z in "abc" for i in range(3))).outcome is Outcome.PASS
    )


_SIZES = st.integers(1, 12).map(lambda quarters: Decimal(quarters) / 4)
_RANK = {Outcome.FAIL: 0, Outcome.UNKNOWN: 1, Outcome.WARN: 2, Outcome.PASS: 3}


@given(
    st.lists(st.tuples(st.sampled_from("abc"), _SIZES), min_size=1, max_size=6),
    st.lists(st.tuples(_SIZES, st.integers(1, 3), st.sampled_from((0, 1_000_000, 2_000_000))), max_size=3),
    st.integers(1, 4),
    st.data(),
)
def test_more_room_never_makes_a_proof_of_room_false_nor_a_possible_placement_impossible(
    machines: list[tuple[str, Decimal]], crews: list[tuple[Decimal, int, int]], count: int, data: st.DataObject
) -> None:
    shapes = [node(f"n{i}", zone, allocatable=amounts(str(cpu), 65_536)) for i, (zone, cpu) in enumerate(machines)]
    others = [Group(kind(cpu=str(cpu), mib=1, priority=priority), many) for cpu, many, priority in crews]
    index = data.draw(st.integers(0, len(shapes) - 1))
    grown = [*shapes]
    grown[index] = replace(shapes[index], allocatable=amounts("64", 65_536))
    less, more = (
        answer(replace(ClusterModel(found, standing()).situation([Group(_OURS, count)]), others=others)).outcome
        for found in (shapes, grown)
    )
    assert _RANK[more] >= min(_RANK[less], 2) or less is Outcome.UNKNOWN
    assert (less, more) != (Outcome.PASS, Outcome.FAIL)
