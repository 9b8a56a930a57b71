"""Clusters with real nodes for the tests: they skip loudly where the machine cannot run them, and fail there in CI."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.place import Place
from lab.postgres import Postgres
from lab.pulumi_cli import PulumiCli
from lab.real import RealCluster, why_not


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test in this folder needs real nodes."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.nodes)


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
def real_cluster(a_machine_that_can_run_real_nodes: None) -> Iterator[RealCluster]:
    """Three zones with one real node each; a test that takes a node's power gives it back."""
    with RealCluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def postgres(real_cluster: RealCluster) -> Iterator[Postgres]:
    """A PostgreSQL server that the cluster's pods reach."""
    with Postgres(real_cluster.host_address, supervisor=real_cluster.supervisor) as server:
        yield server


@pytest.fixture(scope="session")
def busy(real_cluster: RealCluster, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """An installation with kastellan's own edge, at its first version; what tests change about it stays changed."""
    home = tmp_path_factory.mktemp("busy")
    one = Place(
        real_cluster,
        postgres,
        PulumiCli(home),
        "busy",
        version="v4.13.0",
        edge=True,
    )
    one.up()
    return one
