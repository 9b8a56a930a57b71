"""The contract of `ports.cluster.Cluster`: a test class that is run with a fake and with a real API server.

A subclass gives the fixtures `cluster`, `namespace` (exists, is empty) and `stranger`, which changes a field of an
object under another field manager.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from kastellan.domain.errors import ForeignOwnerError, NotFoundError, RejectedError
from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.ports.cluster import Cluster
from tests.waiting import until

Stranger = Callable[[ObjectRef, tuple[str, ...], Any], None]


def config_map(namespace: str, name: str = "one", *, data: dict[str, str] | None = None, **rest: Any) -> Manifest:
    metadata = {"name": name, "namespace": namespace, "labels": {"of": "the-contract"}}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data or {"a": "1"}, **rest}


class ClusterContract:
    def test_the_servers_clock_says_the_second_of_an_object_that_is_made_meanwhile(
        self, cluster: Cluster, namespace: str
    ) -> None:
        before = cluster.server_time()
        made = cluster.apply(config_map(namespace))["metadata"]["creationTimestamp"]
        assert before <= datetime.fromisoformat(made) <= cluster.server_time()

    def test_an_applied_object_is_read_back(self, cluster: Cluster, namespace: str) -> None:
        written = cluster.apply(config_map(namespace))
        read = cluster.get(ObjectRef.of(config_map(namespace)))
        assert read is not None
        assert read["data"] == {"a": "1"}
        assert read["metadata"]["uid"] == written["metadata"]["uid"]

    def test_applying_twice_is_the_same_as_once(self, cluster: Cluster, namespace: str) -> None:
        first, second = (cluster.apply(config_map(namespace)) for _ in range(2))
        assert first["metadata"]["uid"] == second["metadata"]["uid"]
        assert first.get("data") == second.get("data")

    def test_a_dry_run_shows_the_result_and_changes_nothing(self, cluster: Cluster, namespace: str) -> None:
        cluster.apply(config_map(namespace))
        shown = cluster.apply(config_map(namespace, data={"a": "2"}), dry_run=True)
        read = cluster.get(ObjectRef.of(config_map(namespace)))
        assert shown["data"] == {"a": "2"}
        assert read is not None
        assert read["data"] == {"a": "1"}

    def test_a_dry_run_of_a_new_object_leaves_nothing_behind(self, cluster: Cluster, namespace: str) -> None:
        cluster.apply(config_map(namespace), dry_run=True)
        assert cluster.get(ObjectRef.of(config_map(namespace))) is None

    def test_a_field_that_is_no_longer_applied_goes_away(self, cluster: Cluster, namespace: str) -> None:
        cluster.apply(config_map(namespace, data={"a": "1", "b": "2"}))
        assert cluster.apply(config_map(namespace))["data"] == {"a": "1"}

    def test_a_field_of_somebody_else_is_refused_by_name(
        self, cluster: Cluster, namespace: str, stranger: Stranger
    ) -> None:
        ref = ObjectRef.of(cluster.apply(config_map(namespace)))
        stranger(ref, ("data", "a"), "theirs")
        with pytest.raises(ForeignOwnerError) as refused:
            cluster.apply(config_map(namespace, data={"a": "ours"}))
        assert refused.value.conflicts == (("somebody", ".data.a"),)
        assert "DI-6" in str(refused.value) or "somebody" in str(refused.value.conflicts)

    def test_a_field_of_somebody_else_is_taken_by_force(
        self, cluster: Cluster, namespace: str, stranger: Stranger
    ) -> None:
        ref = ObjectRef.of(cluster.apply(config_map(namespace)))
        stranger(ref, ("data", "a"), "theirs")
        assert cluster.apply(config_map(namespace), force=True)["data"] == {"a": "1"}

    def test_a_field_that_somebody_added_survives_an_apply_and_goes_by_replace(
        self, cluster: Cluster, namespace: str, stranger: Stranger
    ) -> None:
        ref = ObjectRef.of(cluster.apply(config_map(namespace)))
        stranger(ref, ("data", "extra"), "theirs")
        after = cluster.apply(config_map(namespace))
        assert after["data"] == {"a": "1", "extra": "theirs"}
        del after["data"]["extra"]
        assert cluster.replace(after)["data"] == {"a": "1"}

    def test_a_changed_immutable_object_is_rejected(self, cluster: Cluster, namespace: str) -> None:
        cluster.apply(config_map(namespace, immutable=True))
        with pytest.raises(RejectedError):
            cluster.apply(config_map(namespace, data={"a": "2"}, immutable=True))

    def test_replacing_what_is_not_there_is_not_found(self, cluster: Cluster, namespace: str) -> None:
        with pytest.raises(NotFoundError):
            cluster.replace(config_map(namespace, "absent"))

    def test_a_namespace_that_is_missing_is_not_found(self, cluster: Cluster) -> None:
        with pytest.raises(NotFoundError):
            cluster.apply(config_map("no-such-namespace"))

    def test_a_list_gives_the_labelled_objects_only(self, cluster: Cluster, namespace: str) -> None:
        cluster.apply(config_map(namespace))
        other = config_map(namespace, "two")
        del other["metadata"]["labels"]
        cluster.apply(other)
        found = list(cluster.list("v1", "ConfigMap", namespace=namespace, labels="of=the-contract"))
        assert [item["metadata"]["name"] for item in found] == ["one"]
        assert found[0]["kind"] == "ConfigMap"
        assert found[0]["apiVersion"] == "v1"

    def test_deleting_twice_is_the_same_as_once(self, cluster: Cluster, namespace: str) -> None:
        ref = ObjectRef.of(cluster.apply(config_map(namespace)))
        assert cluster.delete(ref) is True
        until(lambda: cluster.get(ref) is None)
        assert cluster.delete(ref) is False

    def test_logs_of_a_missing_pod_are_empty(self, cluster: Cluster, namespace: str) -> None:
        assert cluster.logs(namespace, "absent") == ""

    def test_the_version_can_be_asked(self, cluster: Cluster) -> None:
        assert cluster.request("/version")["gitVersion"].startswith("v1.")

    def test_a_path_that_is_not_there_is_not_found(self, cluster: Cluster) -> None:
        with pytest.raises(NotFoundError):
            cluster.request("/apis/no.such.group/v1")
