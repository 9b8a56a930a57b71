"""Which old pods may go first, so that no zone is without a ready one while pods are exchanged."""

import itertools
from dataclasses import dataclass, field
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kastellan.planning.exchange_order import COST_ANNOTATION, is_marked, newest_revision, spared

ZONES = {f"{zone}{number}": zone for zone in "abc" for number in range(4)}


def pod(name: str, node: str, revision: str = "old", **metadata: Any) -> dict[str, Any]:
    labels = {"pod-template-hash": revision}
    return {"metadata": {"name": name, "labels": labels, **metadata}, "spec": {"nodeName": node}, "status": {}}


def names(*pods: dict[str, Any], replicas: int = 3) -> list[str]:
    return [found["metadata"]["name"] for found in spared(pods, ZONES, newest="new", replicas=replicas)]


OLD = (pod("o1", "a0"), pod("o2", "b0"), pod("o3", "c0"))


def test_the_old_pod_in_the_zone_of_the_new_one_goes_first_whatever_its_node() -> None:
    assert names(*OLD, pod("n1", "b2", "new")) == ["o2"]


def test_nothing_goes_before_a_new_pod_has_its_node() -> None:
    assert names(*OLD) == []
    assert names(*OLD, pod("n1", "", "new")) == []


def test_a_pod_that_is_leaving_counts_for_no_zone() -> None:
    assert names(*OLD, pod("n1", "b2", "new", deletionTimestamp="2026-11-01T00:00:00Z")) == []


def test_what_a_zone_has_beyond_its_share_may_go_too() -> None:
    assert names(*OLD, pod("o4", "a1"), pod("n1", "b2", "new"), replicas=4) == ["o1", "o2"]


def test_a_pod_that_is_marked_stays_the_one() -> None:
    marked = pod("o9", "b1", annotations={COST_ANNOTATION: "-1"})
    assert names(*OLD, marked, pod("n1", "b2", "new"), replicas=6) == ["o9"]


def test_the_newest_revision_is_that_of_the_deployments_own_replica_set() -> None:
    def replica_set(revision: str, owner: str, value: str) -> dict[str, Any]:
        return {
            "metadata": {
                "annotations": {"deployment.kubernetes.io/revision": revision},
                "ownerReferences": [{"uid": owner}],
                "labels": {"pod-template-hash": value},
            }
        }

    behind = {"metadata": {"uid": "d", "annotations": {"deployment.kubernetes.io/revision": "9"}}}
    sets = [replica_set("9", "d", "before"), replica_set("11", "else", "foreign"), replica_set("10", "d", "newest")]
    assert newest_revision(sets, behind) == "newest", "the Deployment says so a moment later"
    assert newest_revision([*sets, replica_set("", "d", "unnumbered")], behind) == "newest"
    assert newest_revision(sets[1:2], behind) == ""


@dataclass
class Rollout:
    """A Deployment without unavailable pods, its scheduler with a skew of one, and pods that get ready in any order."""

    replicas: int
    surge: int
    chance: Random
    pods: list[dict[str, Any]] = field(default_factory=list)
    ready: set[str] = field(default_factory=set)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    def add(self, revision: str) -> dict[str, Any]:
        count = {zone: sum(self.zone(p) == zone and self.revision(p) == revision for p in self.pods) for zone in "abc"}
        least = min(count.values())
        zone = self.chance.choice([zone for zone, there in count.items() if there == least])
        made = pod(f"{revision}{next(self._numbers)}", f"{zone}{self.chance.randrange(4)}", revision)
        self.pods.append(made)
        return made

    def zone(self, one: dict[str, Any]) -> str:
        return ZONES[one["spec"]["nodeName"]]

    def revision(self, one: dict[str, Any]) -> str:
        return str(one["metadata"]["labels"]["pod-template-hash"])

    def of(self, revision: str) -> list[dict[str, Any]]:
        return [one for one in self.pods if self.revision(one) == revision]

    def mark(self) -> None:
        cheap = spared(self.pods, ZONES, newest="new", replicas=self.replicas)
        for one in self.pods:
            one["metadata"]["annotations"] = {COST_ANNOTATION: "-1"} if one in cheap else {}

    def served(self) -> set[str]:
        return {self.zone(one) for one in self.pods if one["metadata"]["name"] in self.ready}


@given(per_zone=st.integers(1, 4), surge=st.integers(1, 4), chance=st.randoms(use_true_random=False))
def test_no_zone_is_without_a_ready_pod_at_any_moment_of_any_rollout(per_zone: int, surge: int, chance: Random) -> None:
    rollout = Rollout(per_zone * 3, min(surge, per_zone), chance)
    for _ in range(rollout.replicas):
        made = rollout.add("old")
        rollout.ready.add(made["metadata"]["name"])
        if chance.random() < 0.3:  # what a rollout left that was undone
            made["metadata"]["annotations"] = {COST_ANNOTATION: "-1"}
    while rollout.of("old") or len(rollout.of("new")) < rollout.replicas:
        while len(rollout.of("new")) < rollout.replicas and len(rollout.pods) < rollout.replicas + rollout.surge:
            rollout.add("new")
        rollout.mark()
        waiting = [one for one in rollout.of("new") if one["metadata"]["name"] not in rollout.ready]
        if waiting:
            rollout.ready.add(rollout.chance.choice(waiting)["metadata"]["name"])
        while len(rollout.ready) > rollout.replicas and rollout.of("old"):
            old = rollout.of("old")
            cheapest = [one for one in old if is_marked(one)] or old
            gone = rollout.chance.choice(cheapest)
            rollout.pods.remove(gone)
            rollout.ready.discard(gone["metadata"]["name"])
            assert rollout.served() == set("abc")
    assert rollout.served() == set("abc")
