"""The real Pulumi engine on a real API server: up, nothing to do, upgrade, drift, destroy.

One installation goes through all of these tests in their order, because each `up` costs seconds: first what is refused
before anything is made, then its life, at last its removal.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from lab.postgres import Postgres
from lab.pulumi_cli import PulumiCli
from lab.simulated import SimulatedCluster
from lab.stack import MASTERKEY, Stack, write_catalogue
from tests.lab.conftest import Database, fresh_database
from tests.lab.engine import DIGEST, installation_stack, outputs, up


@pytest.fixture(scope="module")
def own_database(postgres: Postgres) -> Database:
    """The installation's."""
    return fresh_database(postgres)


@pytest.fixture(scope="module")
def stack(
    simulated_cluster: SimulatedCluster, own_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """The installation's; nothing is brought yet."""
    pulumi = PulumiCli(tmp_path_factory.mktemp("release") / "pulumi")
    with installation_stack(pulumi, simulated_cluster, own_database, "pulumi-release") as made:
        yield made


@dataclass(frozen=True, slots=True)
class Brought:
    """What the engine said when the installation was made."""

    preview: str
    update: str


@pytest.fixture(scope="module")
def brought(stack: Stack, simulated_cluster: SimulatedCluster) -> Brought:
    """The installation at v4.13.0, previewed and made."""
    preview = stack.pulumi.run("preview", "--stack", stack.name)
    assert preview.returncode == 0, preview.stdout + preview.stderr
    assert not is_there(simulated_cluster, stack), "a preview makes nothing"
    return Brought(preview.stdout, up(stack))


@contextlib.contextmanager
def changed(stack: Stack, **values: Any) -> Iterator[None]:
    """The stack file with other values for a while."""
    before = stack.path.read_text()
    stack.change(**values)
    try:
        yield
    finally:
        stack.path.write_text(before)


def is_there(cluster: SimulatedCluster, stack: Stack) -> bool:
    return cluster.kubectl("get", "namespace", stack.name, "--ignore-not-found") != ""


def test_all_errors_of_a_stack_file_are_told_at_once(stack: Stack) -> None:
    with changed(
        stack, version="4.x", size="huge", domain="localhost", replicas=7, database={"host": "", "ca": "none"}
    ):
        said = up(stack, succeeds=False)
    for path in ("version", "size", "domain", "replicas", "database.host", "database.ca"):
        assert f"installation:{path}" in said
    assert "Traceback" not in said


def test_windows_that_break_the_promise_stop_the_update_before_anything_is_asked(stack: Stack) -> None:
    freeze = {"name": "freeze", "since": "2020-01-01T00:00", "until": "2090-01-01T00:00"}
    with changed(stack, contract={"plan": "standard", "zone": "Europe/Zurich", "blackouts": [freeze]}):
        said = up(stack, succeeds=False)
    assert "has no window of 4 hours after blackouts and holidays [MU-2]" in said
    assert "Traceback" not in said


def test_a_gate_that_fails_stops_the_update_before_anything_is_made(
    stack: Stack, simulated_cluster: SimulatedCluster, own_database: Database
) -> None:
    own_database.server.execute(f"alter role {own_database.user} connection limit 5")
    said = up(stack, succeeds=False)
    own_database.server.execute(f"alter role {own_database.user} connection limit -1")
    assert "PG-3: fail: enough connections" in said
    assert "customer acts: raise the role's CONNECTION LIMIT" in said
    assert not is_there(simulated_cluster, stack)


def test_no_secret_is_in_the_state_in_the_log_or_in_the_preview(
    stack: Stack, brought: Brought, own_database: Database
) -> None:
    state = stack.pulumi.run("stack", "export", "--stack", stack.name).stdout
    for secret in (MASTERKEY, own_database.password, "PRIVATE KEY"):
        assert secret not in brought.preview + brought.update
        assert secret not in state
    shown = stack.pulumi.run("stack", "export", "--show-secrets", "--stack", stack.name).stdout
    assert "PRIVATE KEY" in shown, "the operator's key must be there for those who may see it"


def test_an_installation_comes_up_stays_and_is_upgraded(stack: Stack, brought: Brought) -> None:
    assert f"+ Deployment {stack.name}/zitadel" in brought.preview
    assert "setup: done after" in brought.update
    assert outputs(stack)["version"] == "v4.13.0"
    assert outputs(stack)["zones"] == ["zone-a", "zone-b", "zone-c"]
    assert outputs(stack)["prerequisites"] == "incomplete"  # a preview and an update leave the probes out
    up(stack, "--expect-no-changes")

    stack.change(version="v4.13.1")
    preview = stack.pulumi.run("preview", "--stack", stack.name)
    assert f"~ Deployment {stack.name}/zitadel" in preview.stdout
    assert '"v4.13.0" => "v4.13.1"' in preview.stdout
    up(stack)
    assert outputs(stack)["version"] == "v4.13.1"

    with changed(stack, version="v4.13.0"):
        assert "older than the installed v4.13.1" in up(stack, succeeds=False)


def test_drift_is_found_by_refresh_with_its_author_and_stops_an_update(
    stack: Stack, brought: Brought, simulated_cluster: SimulatedCluster
) -> None:
    clean = stack.pulumi.run("refresh", "--yes", "--expect-no-changes", "--stack", stack.name)
    assert clean.returncode == 0, clean.stdout + clean.stderr
    simulated_cluster.kubectl("-n", stack.name, "scale", "deployment/zitadel", "--replicas=1")
    found = stack.pulumi.run("refresh", "--preview-only", "--expect-no-changes", "--stack", stack.name)
    assert found.returncode != 0
    assert "spec.replicas is 1, desired 3 (kubectl" in found.stdout + found.stderr
    stack.change(version="v4.15.0")
    assert "DI-6" in up(stack, succeeds=False)
    stack.change(onDrift="revert")
    up(stack)
    assert (
        simulated_cluster.kubectl("-n", stack.name, "get", "deploy", "zitadel", "-o", "jsonpath={.spec.replicas}")
        == "3"
    )


def test_a_jump_that_the_catalogue_forbids_is_refused_before_anything_is_asked(stack: Stack, brought: Brought) -> None:
    catalogue = stack.pulumi.project / "catalogue.yaml"
    before = catalogue.read_text()
    images = (f"r/a@{DIGEST}", f"r/b@{DIGEST}")
    write_catalogue(catalogue, dict.fromkeys(("v4.13.0", "v4.15.0", "v4.17.0"), images), reachable_from="v4.16.0")
    with changed(stack, version="v4.17.0"):
        assert "reachable from v4.16.0 on" in up(stack, succeeds=False)
    catalogue.write_text(before)


def test_destroy_removes_the_installation_and_may_be_repeated(
    stack: Stack, brought: Brought, simulated_cluster: SimulatedCluster
) -> None:
    assert is_there(simulated_cluster, stack)
    for _ in range(2):
        done = stack.pulumi.run("destroy", "--yes", "--skip-preview", "--stack", stack.name)
        assert done.returncode == 0, done.stdout + done.stderr
        assert not is_there(simulated_cluster, stack)
