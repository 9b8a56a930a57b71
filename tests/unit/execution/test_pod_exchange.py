"""Marking the pods that may go first, on a cluster in memory."""

from typing import Any

import pytest

from kastellan.domain.errors import RejectedError, StepFailedError, StuckError
from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.domain.party import Party
from kastellan.execution.budgets import Budgets
from kastellan.execution.pod_exchange import PodExchange
from kastellan.execution.rollout import wait_for_rollouts
from kastellan.execution.waiting import Waiting
from kastellan.planning.exchange_order import CHEAP, COST_ANNOTATION
from tests.fakes.clock import FakeClock
from tests.fakes.cluster import FakeCluster
from tests.fakes.progress import FakeProgress

DEPLOYMENT: Manifest = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {
        "name": "zitadel",
        "namespace": "acme",
        "uid": "d",
        "annotations": {"deployment.kubernetes.io/revision": "2"},
    },
    "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "zitadel"}}},
}


def put(cluster: FakeCluster, kind: str, name: str, *, api_version: str = "v1", **parts: Any) -> Manifest:
    namespace = "" if kind in cluster.cluster_scoped else "acme"
    metadata = {"name": name, "namespace": namespace, **parts.pop("metadata", {})}
    made = {"apiVersion": api_version, "kind": kind, "metadata": metadata, **parts}
    cluster.objects[ObjectRef(api_version, kind, namespace, name)] = made
    return made


@pytest.fixture
def cluster() -> FakeCluster:
    """Two nodes a zone; the rollout has made its first pod, in zone b and on a node of its own."""
    made = FakeCluster()
    put(made, "Namespace", "acme")
    for zone in "abc":
        for number in (1, 2):
            put(made, "Node", f"{zone}{number}", metadata={"labels": {"topology.kubernetes.io/zone": zone}})
    for revision, value in (("1", "old"), ("2", "new")):
        put(
            made,
            "ReplicaSet",
            f"zitadel-{value}",
            api_version="apps/v1",
            metadata={
                "labels": {"app": "zitadel", "pod-template-hash": value},
                "annotations": {"deployment.kubernetes.io/revision": revision},
                "ownerReferences": [{"uid": "d"}],
            },
        )
    for name, node, value in (("o-a", "a1", "old"), ("o-b", "b1", "old"), ("o-c", "c1", "old"), ("n-b", "b2", "new")):
        labels = {"app": "zitadel", "pod-template-hash": value}
        put(made, "Pod", name, metadata={"labels": labels}, spec={"nodeName": node})
    return made


def pods(cluster: FakeCluster) -> list[Manifest]:
    return [*cluster.list("v1", "Pod", namespace="acme")]


def marked(cluster: FakeCluster) -> list[str]:
    return [
        one["metadata"]["name"] for one in pods(cluster) if COST_ANNOTATION in one["metadata"].get("annotations", {})
    ]


def mark(cluster: FakeCluster, name: str) -> None:
    cluster.apply(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": "acme", "annotations": {COST_ANNOTATION: CHEAP}},
        }
    )


def test_the_pod_that_may_go_first_is_marked_once(cluster: FakeCluster) -> None:
    exchange = PodExchange(cluster)
    exchange.mark(DEPLOYMENT, pods(cluster))
    exchange.mark(DEPLOYMENT, pods(cluster))
    assert marked(cluster) == ["o-b"]
    assert cluster.applied == ["Pod acme/o-b"]


def test_new_pods_are_told_from_old_ones_before_the_deployment_says_which_is_which(cluster: FakeCluster) -> None:
    metadata = {**DEPLOYMENT["metadata"], "annotations": {"deployment.kubernetes.io/revision": "1"}}
    PodExchange(cluster).mark({**DEPLOYMENT, "metadata": metadata}, pods(cluster))
    assert marked(cluster) == ["o-b"]


def test_marks_of_a_rollout_that_was_broken_off_are_taken_back(cluster: FakeCluster) -> None:
    for name in ("o-a", "n-b"):
        mark(cluster, name)
    PodExchange(cluster).mark(DEPLOYMENT, pods(cluster))
    assert marked(cluster) == ["o-b"]


def test_marks_are_taken_back_where_a_rollout_was_undone_before_any_pod_went(cluster: FakeCluster) -> None:
    mark(cluster, "o-b")
    PodExchange(cluster).mark(DEPLOYMENT, [pod for pod in pods(cluster) if pod["metadata"]["name"] != "n-b"])
    assert marked(cluster) == []


def test_the_mark_of_a_pod_that_is_leaving_stays(cluster: FakeCluster) -> None:
    mark(cluster, "o-b")
    cluster.objects[ObjectRef("v1", "Pod", "acme", "o-b")]["metadata"]["deletionTimestamp"] = "2026-11-01T00:00:00Z"
    cluster.applied.clear()
    PodExchange(cluster).mark(DEPLOYMENT, pods(cluster))
    assert cluster.applied == []


def test_a_pod_that_has_gone_meanwhile_ends_no_rollout(cluster: FakeCluster) -> None:
    seen = pods(cluster)
    cluster.refused = {"Pod": "spec.containers: Required value"}
    with pytest.raises(RejectedError):
        cluster.apply(seen[0])
    PodExchange(cluster).mark(DEPLOYMENT, seen)
    assert cluster.applied == []


def test_pods_of_one_revision_are_left_alone(cluster: FakeCluster) -> None:
    PodExchange(cluster).mark(DEPLOYMENT, [pod for pod in pods(cluster) if pod["metadata"]["name"] != "n-b"])
    assert cluster.applied == []


def rolling(cluster: FakeCluster, name: str) -> Manifest:
    """A Deployment whose rollout has just begun."""
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": []}}
    made: Manifest = {
        **DEPLOYMENT,
        "metadata": {**DEPLOYMENT["metadata"], "name": name, "generation": 2},
        "spec": {**DEPLOYMENT["spec"], "selector": {"matchLabels": labels}, "template": template},
    }
    cluster.objects[ObjectRef.of(made)] = made
    return made


def test_a_rollout_is_looked_at_twice_a_second_so_that_a_mark_comes_in_time(cluster: FakeCluster) -> None:
    pauses = []

    class Noted(FakeClock):
        def sleep(self, seconds: float) -> None:
            pauses.append(seconds)
            super().sleep(seconds)

    cluster.imageless = "zitadel"
    waiting = Waiting(Noted(), FakeProgress(), Budgets(rollout=20))
    with pytest.raises(StuckError):
        wait_for_rollouts(cluster, waiting, [rolling(cluster, "zitadel")], Party.CUSTOMER)
    assert sum(pauses) >= 20
    assert max(pauses) == 0.5


def test_pods_of_all_deployments_are_marked_at_the_same_time(cluster: FakeCluster) -> None:
    for name, node, value in (("l-a", "a1", "old"), ("l-b", "b1", "old"), ("l-c", "c1", "old"), ("m-c", "c2", "new")):
        labels = {"app": "zitadel-login", "pod-template-hash": value}
        put(cluster, "Pod", name, metadata={"labels": labels}, spec={"nodeName": node})
    for value in ("old", "new"):
        ref = ObjectRef("apps/v1", "ReplicaSet", "acme", f"zitadel-{value}")
        metadata = cluster.objects[ref]["metadata"]
        labels = {**metadata["labels"], "app": "zitadel-login"}
        put(
            cluster,
            "ReplicaSet",
            f"zitadel-login-{value}",
            api_version="apps/v1",
            metadata={**metadata, "labels": labels},
        )
    cluster.imageless = "zitadel"
    both = [rolling(cluster, "zitadel"), rolling(cluster, "zitadel-login")]
    with pytest.raises(StepFailedError):
        wait_for_rollouts(cluster, Waiting(FakeClock(), FakeProgress(), Budgets(image=5)), both, Party.CUSTOMER)
    assert "Pod acme/l-c" in cluster.applied


def test_a_rollout_that_fails_is_told_when_the_others_have_ended(cluster: FakeCluster) -> None:
    progress = FakeProgress()
    cluster.stuck_rollout = "zitadel"
    both = [rolling(cluster, "zitadel"), rolling(cluster, "zitadel-login")]
    with pytest.raises(StepFailedError, match=r"0 of 3 pods became ready \(late\)"):
        wait_for_rollouts(cluster, Waiting(FakeClock(), progress, Budgets()), both, Party.CUSTOMER)
    (told,) = progress.lines
    assert told.startswith("rollout: 0 s, zitadel failed: only 0 of 3 pods became ready (late)")
    assert told.endswith("; zitadel-login 0 of 3 pods ready")
    live = cluster.get(ObjectRef.of(both[1]))
    assert live is not None
    assert live["status"]["availableReplicas"] == 3
