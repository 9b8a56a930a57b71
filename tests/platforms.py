"""Objects of a platform in memory, to be changed by tests."""

import pytest

from kastellan.domain.kubernetes_object import Manifest
from tests.fakes.platform_cluster import PlatformCluster


@pytest.fixture
def cluster() -> PlatformCluster:
    return PlatformCluster()


def live(cluster: PlatformCluster, kind: str, name: str) -> Manifest:
    """The object of this kind and name, to be changed by the test."""
    return next(one for ref, one in cluster.objects.items() if (ref.kind, ref.name) == (kind, name))


def without(cluster: PlatformCluster, kind: str) -> None:
    for ref in [ref for ref in cluster.objects if ref.kind == kind]:
        del cluster.objects[ref]
