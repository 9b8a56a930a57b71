"""Marking the pods that may go first, on a cluster in memory."""

from typing import Any

import pytest

from kastellan.domain.errors import RejectedError, StuckError
from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.domain.party import Party
from kastellan.execution.budgets import Budgets
from kastellan.execution.pod_exchange import PodExchange
from kastellan.execution.rollout import wait_for_rollout
from kastellan.execution.waiting import Waiting
from kastellan.planning.exchange_order import COST_ANNOTATION
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


def test_the_pod_that_may_go_first_is_marked_once(cluster: FakeCluster) -> None:
    exchange = PodExchange(cluster)
    exchange.mark(DEPLOYMENT, pods(cluster))
    exchange.mark(DEPLOYMENT, pods(cluster))
    marked = [
        one["metadata"]["name"] for one in pods(cluster) if COST_ANNOTATION in one["metadata"].get("annotations", {})
    ]
    assert marked == ["o-b"]
    assert cluster.applied == ["Pod acme/o-b"]


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


def test_a_rollout_is_looked_at_twice_a_second_so_that_a_mark_comes_in_time(cluster: FakeCluster) -> None:
    pauses = []

    class Noted(FakeClock):
        def sleep(self, seconds: float) -> None:
            pauses.append(seconds)
            super().sleep(seconds)

    metadata = {**DEPLOYMENT["metadata"], "generation": 2}
    spec = {**DEPLOYMENT["spec"], "template": {"metadata": {"labels": {"app": "zitadel"}}, "spec": {"containers": []}}}
    cluster.objects[ObjectRef.of(DEPLOYMENT)] = {**DEPLOYMENT, "metadata": metadata, "spec": spec}
    cluster.imageless = "zitadel"
    with pytest.raises(StuckError):
        wait_for_rollout(cluster, Waiting(Noted(), FakeProgress(), Budgets(rollout=20)), DEPLOYMENT, Party.CUSTOMER)
    assert sum(pauses) >= 20
    assert max(pauses) == 0.5
