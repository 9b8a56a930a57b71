"""Clusters, databases and the Pulumi engine for the tests; costly ones are shared by the whole run."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.postgres import Postgres
from lab.pulumi_cli import PulumiCli
from lab.simulated import SimulatedCluster

_numbers = itertools.count(1)
_FOLDER = Path(__file__).parent
_FIRST = ("provisioner", "maintain", "preflight", "tick_kills", "pulumi_release", "aws_cloud", "google_cloud", "fleet",
          "zone_loss_oracle", "run_kills")  # fmt: skip
"""Files that take longest, begun first: one of them begun last would keep one core waiting for the other."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test in this folder needs the lab."""
    for item in items:
        if _FOLDER in item.path.parents:
            item.add_marker(pytest.mark.lab)
    first = [_FOLDER / f"test_{name}.py" for name in _FIRST]
    items.sort(key=lambda item: first.index(item.path) if item.path in first else len(first))


@pytest.fixture(scope="session")
def simulated_cluster() -> Iterator[SimulatedCluster]:
    """Three zones with one node each."""
    with SimulatedCluster() as cluster:
        yield cluster


@pytest.fixture
def namespace(simulated_cluster: SimulatedCluster) -> str:
    """A namespace of the test's own name in the shared cluster; the cluster's end takes it away."""
    name = f"test-{next(_numbers)}"
    simulated_cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    return name


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server with TLS and passwords."""
    with Postgres() as server:
        yield server


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """A fresh database with an owner of its own."""

    server: Postgres
    name: str
    user: str
    password: str

    @property
    def url(self) -> str:
        """Connection URL of the owner."""
        return self.server.url(self.user, self.password, self.name)


@pytest.fixture
def database(postgres: Postgres) -> Database:
    """A database and its owner, as the product's documentation asks a customer to prepare them."""
    return fresh_database(postgres)


def fresh_database(postgres: Postgres) -> Database:
    """One more database with an owner of its own."""
    name = f"zitadel_{next(_numbers)}"
    postgres.create_role(name, "secret-of-the-test")
    postgres.create_database(name, owner=name)
    return Database(server=postgres, name=name, user=name, password="secret-of-the-test")


@pytest.fixture
def pulumi(tmp_path: Path) -> PulumiCli:
    """The real engine with a state of its own."""
    return PulumiCli(tmp_path / "pulumi")
