"""Clusters with real nodes for the tests: they skip loudly where the machine cannot run them, and fail there in CI.

Cluster and installation are shared, because they take most of a minute to make. Each test gets them whole: what the one
before it left is put in order first, or this is why the test fails.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from kastellan.planning.rollout_state import is_ready
from lab.place import Place
from lab.postgres import Postgres
from lab.pulumi_cli import PulumiCli
from lab.real import RealCluster, why_not
from lab.simulated import ZONES
from tests.waiting import until

_ORDER = (
    "installation",
    "losses_under_load",
    "under_load",
    "behind_a_gateway",
    "real_nodes",
    "probes",
    "real_lifetime",
)
"""Files of tests in this folder. Any order will do; in this one they find what they need without repairs between them,
and what may lose no request comes right after power cuts, which is where a lab that remembers too much would show."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test in this folder needs real nodes."""
    ours = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in ours:
        item.add_marker(pytest.mark.nodes)
    ours.sort(key=lambda item: _ORDER.index(item.path.stem.removeprefix("test_")))
    items[:] = [item for item in items if item not in set(ours)] + ours


@pytest.fixture(scope="session", autouse=True)
def a_machine_that_can_run_real_nodes() -> None:
    """Say why the tests did not run; `CI=true` takes no excuse."""
    if (reason := why_not()) is None:
        return
    message = f"TESTS WITH REAL NODES DID NOT RUN: {reason}"
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def shared_cluster(a_machine_that_can_run_real_nodes: None) -> Iterator[RealCluster]:
    """Three zones, the first with two nodes: there a node may be lost and its zone not."""
    with RealCluster((*ZONES, ZONES[0])) as cluster:
        yield cluster


@pytest.fixture
def real_cluster(shared_cluster: RealCluster) -> RealCluster:
    """The shared cluster with every node on, Ready, and open to pods."""
    shared_cluster.put_in_order()
    return shared_cluster


@pytest.fixture(scope="session")
def postgres(shared_cluster: RealCluster) -> Iterator[Postgres]:
    """A PostgreSQL server that the cluster's pods reach."""
    with Postgres(shared_cluster.host_address, supervisor=shared_cluster.supervisor) as server:
        yield server


@pytest.fixture(scope="session")
def installed(shared_cluster: RealCluster, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """An installation with kastellan's own edge, at its first version."""
    home = tmp_path_factory.mktemp("busy")
    one = Place(
        shared_cluster,
        postgres,
        PulumiCli(home),
        "busy",
        version="v4.13.0",
        edge=True,
    )
    one.up()
    return one


@pytest.fixture
def busy(real_cluster: RealCluster, installed: Place) -> Place:
    """The shared installation, whole; what tests change about it stays changed.

    Draining and losing nodes leaves pods crowded, as it should: nothing moves by itself. So the product spreads them.
    """
    with suppress(AssertionError):
        until(lambda: not _on_their_way(installed), seconds=45)
    if trouble := _trouble(installed):
        logging.getLogger(__name__).warning("tests before left this behind: %s", trouble)
        installed.refresh()
        installed.up()
        until(lambda: not _on_their_way(installed), seconds=60)
        assert not _trouble(installed)
    return installed


def _on_their_way(place: Place) -> list[str]:
    """Pods of Deployments that are not ready yet; those that are leaving need not be waited for."""
    names = {one["metadata"]["name"] for one in place.objects("deployments")}
    return [
        pod["metadata"]["name"]
        for pod in place.objects("pods")
        if pod["metadata"]["labels"].get("app.kubernetes.io/name") in names
        and "deletionTimestamp" not in pod["metadata"]
        and not is_ready(pod)
    ]


def _trouble(place: Place) -> str:
    """What keeps an installation from being whole: one version, and a ready pod of each Deployment in each zone."""
    found = []
    pods = [pod for pod in place.objects("pods") if is_ready(pod)]
    for deployment in place.objects("deployments"):
        name = deployment["metadata"]["name"]
        of_it = [pod for pod in pods if pod["metadata"]["labels"].get("app.kubernetes.io/name") == name]
        zones = {place.cluster.nodes[pod["spec"]["nodeName"]].zone for pod in of_it}
        if zones != set(ZONES):
            found.append(f"{name} has ready pods in {sorted(zones)} only")
    if len(versions := place.versions()) != 1:
        found.append(f"pods are of {sorted(versions)}")
    return "; ".join(found)
