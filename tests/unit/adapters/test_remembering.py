"""The same thing is asked once, whoever needs it and however many at the same time."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from kastellan.adapters.kubernetes.remembering import RememberingCluster
from kastellan.domain.errors import ThrottledError
from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from tests.contracts.cluster import config_map
from tests.fakes.cluster import FakeCluster
from tests.fakes.platform_cluster import PlatformCluster


class _Counting(PlatformCluster):
    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.answer = Event()
        self.answer.set()

    def list(self, api_version: str, kind: str, *, namespace: str = "", labels: str = "") -> "list[Manifest]":
        self.asked.append(kind)
        self.answer.wait(10)
        return [*super().list(api_version, kind, namespace=namespace, labels=labels)]

    def get(self, ref: ObjectRef) -> Manifest | None:
        self.asked.append(str(ref))
        return super().get(ref)


def test_many_at_once_ask_once_and_all_get_the_answer() -> None:
    counting = _Counting()
    counting.answer.clear()
    cluster = RememberingCluster(counting)
    with ThreadPoolExecutor(max_workers=8) as pool:
        running = [pool.submit(lambda: len([*cluster.list("v1", "Node")])) for _ in range(8)]
        counting.answer.set()
        assert {future.result() for future in running} == {3}
    assert counting.asked == ["Node"]


def test_other_questions_are_other_answers() -> None:
    counting = _Counting()
    cluster = RememberingCluster(counting)
    here, there = ObjectRef("v1", "Namespace", "", "zitadel"), ObjectRef("v1", "Namespace", "", "absent")
    for _ in range(2):
        assert cluster.get(here) is not None
        assert cluster.get(there) is None
        assert [*cluster.list("v1", "ResourceQuota", namespace="zitadel")]
        assert not [*cluster.list("v1", "ResourceQuota", namespace="other")]
    assert len(counting.asked) == 4


def test_an_error_is_not_remembered() -> None:
    class Once(FakeCluster):
        failed = False

        def get(self, ref: ObjectRef) -> Manifest | None:
            if not self.failed:
                self.failed = True
                raise ThrottledError("slow down")
            return super().get(ref)

    cluster = RememberingCluster(Once())
    ref = ObjectRef("v1", "Namespace", "", "zitadel")
    with pytest.raises(ThrottledError):
        cluster.get(ref)
    assert cluster.get(ref) is None


def test_writes_in_dry_runs_go_through() -> None:
    fake = FakeCluster()
    fake.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "zitadel"}})
    cluster = RememberingCluster(fake)
    assert cluster.apply(config_map("zitadel"), dry_run=True)["data"] == {"a": "1"}


def test_of_a_whole_cluster_only_nodes_are_kept_and_of_them_only_what_is_looked_at() -> None:
    counting = _Counting()
    node = counting.objects[ObjectRef("v1", "Node", "", "node-0")]
    node["metadata"]["managedFields"] = [{"manager": "kubelet"}]
    node["status"]["images"] = [{"names": ["a"]}]
    cluster = RememberingCluster(counting)
    for _ in range(2):
        nodes, pods = [*cluster.list("v1", "Node")], [*cluster.list("v1", "Pod")]
        assert (len(nodes), len(pods)) == (3, 4)
    assert counting.asked == ["Node", "Pod", "Pod"]
    assert not any("managedFields" in one["metadata"] or "images" in one["status"] for one in nodes)
