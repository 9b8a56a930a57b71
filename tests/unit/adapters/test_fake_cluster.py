"""The fake cluster keeps to the contract of the port, so that unit tests may rely on it."""

import pytest

from tests.contracts.cluster import ClusterContract, Stranger
from tests.fakes.cluster import FakeCluster


class TestFakeCluster(ClusterContract):
    @pytest.fixture
    def cluster(self) -> FakeCluster:
        return FakeCluster()

    @pytest.fixture
    def namespace(self, cluster: FakeCluster) -> str:
        cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "here"}})
        return "here"

    @pytest.fixture
    def stranger(self, cluster: FakeCluster) -> Stranger:
        return lambda ref, path, value: cluster.edit(ref, path, value, manager="somebody")
