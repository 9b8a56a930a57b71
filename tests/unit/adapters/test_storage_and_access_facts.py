"""Storage, heartbeats, pull secrets and metrics, read from an API server in memory."""

import base64
import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from kastellan.adapters.kubernetes.lease_facts import heartbeats
from kastellan.adapters.kubernetes.metrics_facts import metrics
from kastellan.adapters.kubernetes.pull_secret_facts import pull_secret
from kastellan.adapters.kubernetes.storage_facts import storage
from kastellan.domain.image import Image
from kastellan.domain.kubernetes_object import ObjectRef
from kastellan.preflight.platform_facts import PullSecret
from tests.fakes.platform_cluster import PlatformCluster
from tests.platforms import cluster, live, without

__all__ = ["cluster"]


class TestMetrics:
    def test_ready_nodes_and_the_age_of_the_oldest(self, cluster: PlatformCluster) -> None:
        live(cluster, "NodeMetrics", "node-1")["timestamp"] = "2026-11-23T11:50:00Z"
        live(cluster, "Node", "node-2")["status"]["conditions"] = []
        seen = metrics(cluster)
        assert (seen.problem, seen.nodes, seen.silent, seen.oldest_seconds) == ("", 2, (), 600)

    def test_a_node_without_metrics_is_named(self, cluster: PlatformCluster) -> None:
        del cluster.objects[ObjectRef("metrics.k8s.io/v1beta1", "NodeMetrics", "", "node-1")]
        assert metrics(cluster).silent == ("node-1",)

    def test_an_api_that_is_missing_or_not_available_is_a_problem(self, cluster: PlatformCluster) -> None:
        gone = {"type": "Available", "status": "False", "message": "no endpoints"}
        live(cluster, "APIService", "v1beta1.metrics.k8s.io")["status"] = {"conditions": [gone]}
        assert "no endpoints" in metrics(cluster).problem
        without(cluster, "APIService")
        assert "no metrics API is registered" in metrics(cluster).problem


class TestStorage:
    def test_zones_of_topologies_count_by_whatever_label_of_the_driver(self, cluster: PlatformCluster) -> None:
        rules = [{"key": "topology.gke.io/zone", "values": ["zone-b", "zone-a"]}]
        fast = live(cluster, "StorageClass", "fast")
        fast["allowedTopologies"] = [{"matchLabelExpressions": rules}]
        assert storage(cluster, "fast").classes[0].zones == ("zone-a", "zone-b")
        fast["allowedTopologies"].append({"matchLabelExpressions": [{"key": "rack", "values": ["1"]}]})
        assert storage(cluster, "fast").classes[0].zones is None, "the second topology allows any zone"

    def test_the_driver_is_where_its_nodes_are(self, cluster: PlatformCluster) -> None:
        live(cluster, "CSINode", "node-1")["spec"] = {"drivers": None}
        seen = storage(cluster, "fast")
        assert (seen.driver_zones, seen.by_place, seen.snapshots) == (("zone-a", "zone-c"), True, True)

    def test_a_driver_that_is_registered_and_runs_nowhere_is_no_driver_that_is_none(
        self, cluster: PlatformCluster
    ) -> None:
        without(cluster, "CSINode")
        assert storage(cluster, "fast").driver_zones == ()
        without(cluster, "CSIDriver")
        assert storage(cluster, "fast").driver_zones is None

    def test_without_a_mode_a_class_binds_at_once_and_does_not_grow(self, cluster: PlatformCluster) -> None:
        cluster.put("storage.k8s.io/v1", "StorageClass", "plain", provisioner="p")
        (plain,) = [one for one in storage(cluster, "fast").classes if one.name == "plain"]
        assert (plain.waits, plain.expands, plain.default, plain.reclaim) == (False, False, False, "Delete")


class TestHeartbeats:
    @pytest.mark.parametrize(
        ("renewed", "ahead"),
        [
            ("2026-11-23T12:00:03.500000Z", 2500),
            ("2026-11-23T12:00:01.000000Z", 0),
            ("2026-11-23T12:00:00.000000Z", 0),
            ("2026-11-23T11:59:51.000000Z", -9000),
        ],
    )
    def test_a_renewal_is_told_by_how_far_it_lies_ahead(
        self, cluster: PlatformCluster, renewed: str, ahead: int
    ) -> None:
        live(cluster, "Lease", "node-0")["spec"]["renewTime"] = renewed
        assert heartbeats(cluster).ahead_ms["node-0"] == ahead

    def test_nodes_that_are_not_ready_and_leases_of_nobody_do_not_count(self, cluster: PlatformCluster) -> None:
        live(cluster, "Node", "node-1")["status"]["conditions"] = []
        live(cluster, "Lease", "node-2")["spec"] = {}
        stale = {"renewTime": "2020-01-01T00:00:00Z", "leaseDurationSeconds": 40}
        cluster.put("coordination.k8s.io/v1", "Lease", "gone", namespace="kube-node-lease", spec=stale)
        assert heartbeats(cluster).ahead_ms.keys() == {"node-0"}

    def test_the_time_that_reading_takes_is_the_nodes_in_both_directions(self) -> None:
        class Slow(PlatformCluster):
            looks = 0

            def server_time(self) -> datetime:
                self.looks += 1
                return super().server_time() + timedelta(seconds=5 * self.looks)

        cluster = Slow()
        live(cluster, "Lease", "node-0")["spec"]["renewTime"] = "2026-11-23T12:00:11Z"
        live(cluster, "Lease", "node-1")["spec"]["renewTime"] = "2026-11-23T12:00:12Z"
        assert heartbeats(cluster).ahead_ms == {"node-0": 0, "node-1": 1000, "node-2": -10_000}


class TestPullSecret:
    _IMAGES = (Image("ghcr.io/zitadel/zitadel", "sha256:" + "a" * 64),) * 2

    def _read(self, cluster: PlatformCluster) -> PullSecret:
        return pull_secret(cluster, "zitadel", "registry", self._IMAGES)

    def test_only_registries_are_read_and_no_credential_is_kept(self, cluster: PlatformCluster) -> None:
        seen = self._read(cluster)
        assert (seen.problem, seen.registries, seen.images) == ("", ("ghcr.io",), ("ghcr.io/zitadel/zitadel",))
        assert "c2VjcmV0" not in str(seen)

    @pytest.mark.parametrize(
        ("kind", "key", "content", "says"),
        [
            ("Opaque", ".dockerconfigjson", {"auths": {}}, "it is of type Opaque"),
            ("kubernetes.io/dockerconfigjson", "other", {"auths": {}}, "is no JSON"),
            ("kubernetes.io/dockerconfigjson", ".dockerconfigjson", [], "names no registries"),
            ("kubernetes.io/dockerconfigjson", ".dockerconfigjson", {"credsStore": "desktop"}, "names no registries"),
        ],
    )
    def test_what_is_of_no_use_says_why(
        self, cluster: PlatformCluster, kind: str, key: str, content: Any, says: str
    ) -> None:
        encoded = base64.b64encode(json.dumps(content).encode()).decode()
        live(cluster, "Secret", "registry").update(type=kind, data={key: encoded})
        assert says in self._read(cluster).problem

    def test_an_entry_without_a_credential_is_none_and_old_secrets_are_read(self, cluster: PlatformCluster) -> None:
        entries = {"a.example": {}, "b.example": {"username": "u", "password": "p"}, "c.example": {"username": "u"}}
        encoded = base64.b64encode(json.dumps(entries).encode()).decode()
        live(cluster, "Secret", "registry").update(type="kubernetes.io/dockercfg", data={".dockercfg": encoded})
        assert self._read(cluster).registries == ("b.example",)

    def test_one_that_is_not_there_is_told(self, cluster: PlatformCluster) -> None:
        without(cluster, "Secret")
        assert self._read(cluster).problem == "it is not in namespace zitadel"
