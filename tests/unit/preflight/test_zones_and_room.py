"""ZON-1 and CAP-1."""

from dataclasses import replace
from typing import Any

import pytest

from kastellan.domain.party import Party
from kastellan.preflight.check import Check
from kastellan.preflight.checks.cap_1 import CAP_1
from kastellan.preflight.checks.cap_2 import CAP_2
from kastellan.preflight.checks.cap_3 import CAP_3
from kastellan.preflight.checks.zon_1 import ZON_1
from kastellan.preflight.exempting import Use, exempted
from kastellan.preflight.exemption import Attestation
from kastellan.preflight.node_facts import Taint
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.pod_facts import Toleration
from kastellan.preflight.requirement import Requirement
from tests.unit.preflight.platforms import (
    NOW,
    UNKNOWN,
    amounts,
    facts,
    judged,
    kind,
    need,
    node,
    nodes,
    requirement,
    standing,
)

_ROOM = (CAP_1, CAP_2, CAP_3)


def test_three_zones_with_free_nodes_pass_zon_1() -> None:
    finding = judged(ZON_1)
    assert finding.outcome is Outcome.PASS
    assert "do not prove physical separation" in finding.observed


def test_a_cluster_with_two_zones_fails_zon_1_and_the_customer_acts() -> None:
    finding = judged(ZON_1, nodes=nodes()[:2])
    assert (finding.outcome, finding.owner) == (Outcome.FAIL, Party.CUSTOMER)
    assert "1 more zone" in finding.remediation


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"ready": False}, "not ready"),
        ({"cordoned": True}, "cordoned"),
        ({"taints": (Taint(key="dedicated", value="db", effect="NoSchedule"),)}, "tainted dedicated=db:NoSchedule"),
        ({"architecture": "s390x"}, "architecture s390x"),
        ({"zone": None}, "without the label topology.kubernetes.io/zone"),
    ],
)
def test_a_zone_whose_only_node_takes_no_pods_does_not_count(change: dict[str, Any], why: str) -> None:
    finding = judged(ZON_1, nodes=(*nodes()[:2], node("node-c", **{"zone": "c", **change})))
    assert finding.outcome is Outcome.FAIL
    assert f"node-c ({why})" in finding.observed


def test_three_nodes_of_one_zone_are_one_zone() -> None:
    assert judged(ZON_1, nodes=tuple(node(name, "a") for name in "xyz")).outcome is Outcome.FAIL


@pytest.mark.parametrize("check", [ZON_1, CAP_1])
def test_unread_nodes_leave_zones_and_room_unknown(check: Any) -> None:
    finding = judged(check, nodes=UNKNOWN)
    assert finding.outcome is Outcome.UNKNOWN
    assert (finding.remediation, finding.owner) == ("allow the list", Party.CUSTOMER)


@pytest.mark.parametrize("check", _ROOM, ids=lambda check: check.id)
def test_unread_pods_leave_room_unknown_although_empty_nodes_would_hold_all(check: Check) -> None:
    finding = judged(check, pods=UNKNOWN)
    assert finding.outcome is Outcome.UNKNOWN
    assert finding.remediation == "allow the list"


@pytest.mark.parametrize("check", _ROOM, ids=lambda check: check.id)
def test_what_not_even_empty_nodes_hold_fails_whatever_stands_there(check: Check) -> None:
    finding = judged(check, pods=UNKNOWN, nodes=nodes(allocatable=amounts("0.4", 8192)))
    assert finding.outcome is Outcome.FAIL
    assert finding.observed.startswith("even if no other pod stood there: ")


_POOL = Taint(key="pool", value="zitadel", effect="NoSchedule")


def _of_a_pool() -> Requirement:
    bears = Toleration(key=_POOL.key, value=_POOL.value, effect=_POOL.effect)
    needs = requirement()
    pods = tuple(replace(one, kind=replace(one.kind, tolerations=(bears,))) for one in needs.pods)
    return replace(needs, pods=pods, pool_taint=str(_POOL))


@pytest.mark.parametrize("check", _ROOM, ids=lambda check: check.id)
def test_nodes_that_are_ours_alone_are_counted_without_pods_and_can_be_attested_only_while_they_are_enough(
    check: Check,
) -> None:
    unseen, needs = facts(pods=UNKNOWN, nodes=nodes(taints=(_POOL,))), _of_a_pool()
    finding = check.run(unseen, needs, NOW.date())
    assert finding.outcome is Outcome.UNKNOWN
    assert "the nodes of the pool pool=zitadel:NoSchedule are enough as long as nothing else" in finding.observed
    assert "attest" in finding.remediation
    statement = Attestation(
        check=check.id, statement="nothing else bears the taint", by="platform team, Customer AG",
        stated=NOW.date(), document="d" * 64, expires=NOW.date(),
    )  # fmt: skip
    (attested,), _ = exempted([finding], [statement], NOW.date())
    assert attested.outcome is Outcome.ATTESTED
    small = replace(unseen, nodes=nodes(taints=(_POOL,), allocatable=amounts("0.4", 8192)))
    (refused,), (use,) = exempted([check.run(small, needs, NOW.date())], [statement], NOW.date())
    assert (refused.outcome, use.use) == (Outcome.FAIL, Use.NOT_NEEDED)


def test_empty_nodes_hold_an_update() -> None:
    assert judged(CAP_1).outcome is Outcome.PASS


def test_a_full_zone_fails_although_the_others_have_plenty_because_the_spread_is_a_must() -> None:
    finding = judged(CAP_1, pods=standing((kind(cpu="3.9", priority=2_000_000), "node-c")))
    assert finding.outcome is Outcome.FAIL
    assert "c: at most 0" in finding.observed


def test_pods_without_spread_go_where_room_is() -> None:
    needs = requirement(pods=(need("setup", 3, spread=False, surge=3),))
    assert (
        judged(CAP_1, needs, pods=standing((kind(cpu="4"), "node-b"), (kind(cpu="4"), "node-c"))).outcome
        is Outcome.PASS
    )


def test_full_pod_slots_fail_although_cpu_and_memory_are_free() -> None:
    assert (
        judged(CAP_1, nodes=nodes(pods=1), pods=standing((kind(cpu="0.1", priority=2_000_000), "node-c"))).outcome
        is Outcome.FAIL
    )


def test_our_own_running_pods_stay_where_they_are_and_need_no_second_place() -> None:
    ours = kind("zitadel", "2.9", 4096, spread=True)
    running = standing(*((ours, f"node-{zone}") for zone in "abc"))
    assert judged(CAP_1, pods=running).outcome is Outcome.PASS
    big = replace(ours, requests=amounts("3.6", 4096))
    assert judged(CAP_1, pods=standing(*((big, f"node-{zone}") for zone in "abc"))).outcome is Outcome.FAIL


def test_memory_decides_as_cpu_does() -> None:
    assert judged(CAP_1, nodes=nodes(allocatable=amounts("64", 600))).outcome is Outcome.FAIL


def test_room_only_in_pieces_is_no_pass() -> None:
    halves = tuple(
        node(f"{zone}-{number}", zone, allocatable=amounts("0.8", 8192)) for zone in "abc" for number in "12"
    )
    other = kind(cpu="0.4", mib=0, priority=2_000_000)
    full = standing(*((other, half.name) for half in halves))
    assert judged(CAP_1, nodes=halves, pods=full).outcome is Outcome.FAIL


def test_nodes_that_are_each_too_small_for_a_pod_fail_however_many_there_are() -> None:
    small = tuple(node(f"{zone}-{number}", zone, allocatable=amounts("0.4", 8192)) for zone in "abc" for number in "12")
    assert judged(CAP_1, nodes=small).outcome is Outcome.FAIL


@pytest.mark.parametrize(("cores", "fits"), [("1.5", True), ("1.499", False)])
def test_nodes_that_are_filled_exactly_pass_and_a_millicore_less_does_not(cores: str, fits: bool) -> None:
    needs = requirement(pods=(need(count=9),))  # three pods of half a core in each zone
    finding = judged(CAP_1, needs, nodes=nodes(allocatable=amounts(cores, 8192)))
    assert (finding.outcome is Outcome.PASS) is fits
