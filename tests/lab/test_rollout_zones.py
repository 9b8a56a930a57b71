"""Several nodes a zone: while pods are exchanged, every zone keeps one that is ready (DI-2)."""

import json
from collections.abc import Iterator

import pytest

from kastellan.adapters.kubernetes.connection import connect
from kastellan.adapters.system_clock import SystemClock
from kastellan.execution.release import ReleaseProcedure
from kastellan.planning.exchange_order import is_marked
from lab.endpoint_watch import EndpointWatch
from lab.simulated import SimulatedCluster, shapes
from tests.fakes.progress import FakeProgress
from tests.lab.test_release_procedure import desired

NAME = "crowd"
ROLLOUTS = 2
"""Without an order, Kubernetes takes the wrong zone's pod in most of them."""


@pytest.fixture(scope="module")
def wide_cluster() -> Iterator[SimulatedCluster]:
    """Three zones with three nodes each."""
    with SimulatedCluster(shapes(3)) as cluster:
        yield cluster


def test_no_zone_is_without_a_ready_pod_while_pods_are_exchanged(wide_cluster: SimulatedCluster) -> None:
    cluster = connect(wide_cluster.kubeconfig_text)
    procedure = ReleaseProcedure(cluster, SystemClock(), FakeProgress())
    procedure.bring(desired(NAME, path="slow/"))
    with (
        EndpointWatch(wide_cluster, NAME, "zitadel", pods=3) as api,
        EndpointWatch(wide_cluster, NAME, "zitadel-login", pods=3) as login,
    ):
        before = frozenset(api.pods()) | frozenset(login.pods())
        for mirror in range(ROLLOUTS):
            procedure.bring(desired(NAME, path=f"slow/mirror-{mirror}/"))
    cluster.close()
    pods = json.loads(wide_cluster.kubectl("-n", NAME, "get", "pods", "-o", "json"))["items"]
    assert before.isdisjoint(pod["metadata"]["name"] for pod in pods)
    assert not api.lacking(3)
    assert not login.lacking(3)
    assert not [pod["metadata"]["name"] for pod in pods if is_marked(pod)], "the next rollout begins without marks"
