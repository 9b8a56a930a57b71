"""An installation on real nodes: the demo as a whole, and what happens when a setup dies or a migration fails."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from lab.images import catalogue, releases
from lab.postgres import Postgres
from lab.pulumi_cli import PulumiCli
from lab.real import RealCluster
from lab.stack import DOMAIN, MASTERKEY, Stack
from tests.waiting import until

ROOT = Path(__file__).parents[2]


def test_the_demo_shows_what_it_says_and_cleans_up(tmp_path: Path) -> None:
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "lab", "demo", "--nodes", "real"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=400,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    for shown in ("ZON-1 and PG-2", "v4.13.1 serves", "60 of 60 requests", "customer-admin"):
        assert shown in done.stdout
    status = subprocess.run(
        [sys.executable, "-m", "lab", "status"], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert status.stdout == ""


class Place:
    """A stack on the real cluster with a database of its own."""

    def __init__(self, cluster: RealCluster, postgres: Postgres, pulumi: PulumiCli, name: str) -> None:
        self.cluster, self.postgres, self.name = cluster, postgres, name
        database = name.replace("-", "_")
        postgres.create_role(database, "password")
        postgres.create_database(database, owner=database)
        self.url = postgres.url(database, "password", database)
        built = releases()
        for release in built:
            for archive in (release.server, release.login):
                cluster.import_image(archive.path, [archive.by_digest])
        catalogue(pulumi.project / "catalogue.yaml", built)
        (pulumi.project / "customer.kubeconfig").write_text(cluster.kubeconfig_text)
        values: dict[str, Any] = {
            "platform": "existing",
            "version": "v4.13.1",
            "domain": DOMAIN,
            "namespace": name,
            "cluster": {"kubeconfigPath": "customer.kubeconfig"},
            "catalogue": "catalogue.yaml",
            "database": {
                "host": postgres.host, "port": postgres.port, "name": database, "user": database, "ca": postgres.ca_pem,
            },
        }  # fmt: skip
        secrets = {"masterkey": MASTERKEY, "database.password": "password"}
        self.stack = Stack(pulumi, name, values, secrets=secrets)

    def up(self, *, succeeds: bool = True) -> str:
        done = self.stack.pulumi.run("up", "--yes", "--skip-preview", "--stack", self.name)
        assert (done.returncode == 0) is succeeds, done.stdout + done.stderr
        return done.stdout + done.stderr

    def marks(self, step: str) -> list[str]:
        """What the database says about a migration step, oldest first."""
        query = "select event_type from eventstore.events2 where payload->>'name' = %s order by position"
        with psycopg.connect(self.url) as session:
            return [kind.rpartition(".")[2] for (kind,) in session.execute(query, (step,)).fetchall()]

    def kubectl(self, *arguments: str) -> str:
        return self.cluster.kubectl("-n", self.name, *arguments)

    def versions(self) -> set[str]:
        """Releases of the API pods that are ready."""
        label = "app.kubernetes.io/version"
        column = f"-o=jsonpath={{range .items[*]}}{{.metadata.labels.{label.replace('.', chr(92) + '.')}}} {{end}}"
        return set(self.kubectl("get", "pods", "-l", "app.kubernetes.io/name=zitadel", column).split())


@pytest.fixture(scope="module")
def postgres(real_cluster: RealCluster) -> Iterator[Postgres]:
    with Postgres(real_cluster.host_address, supervisor=real_cluster.supervisor) as server:
        yield server


@pytest.fixture
def place(
    real_cluster: RealCluster, postgres: Postgres, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Place]:
    name = f"place-{abs(hash(request.node.name)) % 10**6}"
    one = Place(real_cluster, postgres, PulumiCli(tmp_path / "pulumi"), name)
    yield one
    real_cluster.kubectl("delete", "namespace", name, "--ignore-not-found")


def test_a_setup_whose_pod_is_killed_is_cleaned_up_and_finished_by_the_next_up(place: Place, tmp_path: Path) -> None:
    place.up()
    place.stack.change(version="v4.14.0")  # its migration takes some fifteen seconds
    running = place.stack.pulumi.start("up", "--yes", "--skip-preview", "--stack", place.name, log=tmp_path / "log")
    until(lambda: place.marks("62_sessions_user") == ["started"], seconds=90)
    setup = "app.kubernetes.io/name=zitadel-setup,app.kubernetes.io/version=v4.14.0"
    place.kubectl("delete", "pods", "-l", setup, "--grace-period=0", "--force")
    assert running.wait(120) != 0
    assert "the version before serves on" in (tmp_path / "log").read_text()
    assert place.versions() == {"v4.13.1"}
    assert place.marks("62_sessions_user") == ["started"], "a killed setup leaves its mark"

    said = place.up()
    assert "made anew" in said
    assert place.marks("62_sessions_user") == ["started", "failed", "started", "done"]
    until(lambda: place.versions() == {"v4.14.0"})  # the old pods serve on for their grace period


def test_a_migration_that_fails_leaves_the_version_before_serving(place: Place) -> None:
    place.up()
    place.stack.change(version="v4.14.0")
    place.up()
    place.stack.change(version="v4.15.0")
    said = place.up(succeeds=False)
    assert "the version before serves on" in said
    assert "63_sessions_agent" in said, "the log of the failed job is the evidence"
    until(lambda: place.versions() == {"v4.14.0"})  # the old pods serve on for their grace period
    assert place.marks("63_sessions_agent")[-1] == "failed"
