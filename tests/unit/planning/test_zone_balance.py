"""Which pod has to move so that every zone has one."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kastellan.planning.zone_balance import move_to_make


def node(zone: str, *, ready: bool = True, **spec: Any) -> dict[str, Any]:
    condition = {"type": "Ready", "status": "True" if ready else "False"}
    labels = {"topology.kubernetes.io/zone": zone}
    return {"metadata": {"name": f"n-{zone}", "labels": labels}, "spec": spec, "status": {"conditions": [condition]}}


def pods(*zones: str) -> list[dict[str, Any]]:
    return [{"metadata": {"name": f"p{i}"}, "spec": {"nodeName": f"n-{zone}"}} for i, zone in enumerate(zones)]


NODES = [node("a"), node("b"), node("c")]


def test_pods_in_every_zone_stay_where_they_are() -> None:
    assert move_to_make(pods("a", "b", "c"), NODES) is None
    assert move_to_make(pods("a", "b", "c", "c", "c"), NODES) is None


def test_a_pod_of_the_fullest_zone_moves_to_the_empty_one() -> None:
    move = move_to_make(pods("a", "b", "b"), NODES)
    assert move is not None
    assert (move.pod, move.crowded, move.empty) == ("p1", "b", "c")


def test_the_only_pod_of_a_zone_is_never_moved() -> None:
    assert move_to_make(pods("a", "b"), NODES) is None


def test_nodes_that_are_zitadels_alone_count_and_others_do_not() -> None:
    taint = [{"key": "pool", "value": "zitadel", "effect": "NoSchedule"}]
    pool = [node(zone, taints=taint) for zone in "abc"]
    for one in pool:
        one["metadata"]["labels"]["pool"] = "zitadel"
    tolerant = pods("a", "b", "b")
    for pod in tolerant:
        pod["spec"] |= {"nodeSelector": {"pool": "zitadel"}, "tolerations": [{**taint[0], "operator": "Equal"}]}
    move = move_to_make(tolerant, pool)
    assert move is not None
    assert move.empty == "c"
    assert move_to_make(tolerant, [*pool[:2], node("c")]) is None, "a node outside of the pool takes none of our pods"


def test_a_zone_that_takes_no_pods_is_no_reason_to_move() -> None:
    taint = [{"key": "own", "effect": "NoSchedule"}]
    for closed in (node("c", ready=False), node("c", unschedulable=True), node("c", taints=taint)):
        assert move_to_make(pods("a", "b", "b"), [node("a"), node("b"), closed]) is None


@given(st.lists(st.sampled_from("abc"), max_size=9))
def test_moving_ends_with_as_many_zones_as_pods_allow(zones: list[str]) -> None:
    standing = list(zones)
    for _ in range(10):
        move = move_to_make(pods(*standing), NODES)
        if move is None:
            break
        standing[int(move.pod[1:])] = move.empty
    assert len(set(standing)) == min(3, len(standing))
