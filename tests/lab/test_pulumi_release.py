"""The real Pulumi engine on a real API server: up, nothing to do, upgrade, drift, destroy."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from lab.pulumi_cli import PulumiCli
from lab.simulated import SimulatedCluster
from lab.stack import MASTERKEY, Stack, write_catalogue
from tests.lab.conftest import Database
from tests.lab.engine import DIGEST, installation_stack


@pytest.fixture
def stack(
    pulumi: PulumiCli, simulated_cluster: SimulatedCluster, database: Database, request: pytest.FixtureRequest
) -> Iterator[Stack]:
    """A stack of the test's own."""
    name = "pulumi-" + str(abs(hash(request.node.name)) % 10**8)
    with installation_stack(pulumi, simulated_cluster, database, name) as made:
        yield made


def up(stack: Stack, *arguments: str, succeeds: bool = True) -> str:
    done = stack.pulumi.run("up", "--yes", "--skip-preview", "--stack", stack.name, *arguments)
    text = done.stdout + done.stderr
    assert (done.returncode == 0) is succeeds, text
    return text


def outputs(stack: Stack) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(stack.pulumi.run("stack", "output", "--json", "--stack", stack.name).stdout)
    return parsed


def test_an_installation_comes_up_stays_and_is_upgraded(stack: Stack, simulated_cluster: SimulatedCluster) -> None:
    preview = stack.pulumi.run("preview", "--stack", stack.name)
    assert preview.returncode == 0, preview.stdout + preview.stderr
    assert f"+ Deployment {stack.name}/zitadel" in preview.stdout
    assert simulated_cluster.kubectl("get", "namespace", stack.name, "--ignore-not-found") == ""

    said = up(stack)
    assert "setup: done after" in said
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

    stack.change(version="v4.13.0")
    assert "older than the installed v4.13.1" in up(stack, succeeds=False)


def test_no_secret_is_in_the_state_in_the_log_or_in_the_preview(stack: Stack, database: Database) -> None:
    said = stack.pulumi.run("preview", "--stack", stack.name).stdout + up(stack)
    state = stack.pulumi.run("stack", "export", "--stack", stack.name).stdout
    for secret in (MASTERKEY, database.password, "PRIVATE KEY"):
        assert secret not in said
        assert secret not in state
    shown = stack.pulumi.run("stack", "export", "--show-secrets", "--stack", stack.name).stdout
    assert "PRIVATE KEY" in shown, "the operator's key must be there for those who may see it"


def test_drift_is_found_by_refresh_with_its_author_and_stops_an_update(
    stack: Stack, simulated_cluster: SimulatedCluster
) -> None:
    up(stack)
    clean = stack.pulumi.run("refresh", "--yes", "--expect-no-changes", "--stack", stack.name)
    assert clean.returncode == 0, clean.stdout + clean.stderr
    simulated_cluster.kubectl("-n", stack.name, "scale", "deployment/zitadel", "--replicas=1")
    found = stack.pulumi.run("refresh", "--preview-only", "--expect-no-changes", "--stack", stack.name)
    assert found.returncode != 0
    assert "spec.replicas is 1, desired 3 (kubectl" in found.stdout + found.stderr
    stack.change(version="v4.13.1")
    assert "DI-6" in up(stack, succeeds=False)
    stack.change(onDrift="revert")
    up(stack)
    assert (
        simulated_cluster.kubectl("-n", stack.name, "get", "deploy", "zitadel", "-o", "jsonpath={.spec.replicas}")
        == "3"
    )


def test_all_errors_of_a_stack_file_are_told_at_once(stack: Stack) -> None:
    stack.change(version="4.x", size="huge", domain="localhost", replicas=7, database={"host": "", "ca": "none"})
    said = up(stack, succeeds=False)
    for path in ("version", "size", "domain", "replicas", "database.host", "database.ca"):
        assert f"installation:{path}" in said
    assert "Traceback" not in said


def test_windows_that_break_the_promise_stop_the_update_before_anything_is_asked(stack: Stack) -> None:
    freeze = {"name": "freeze", "since": "2020-01-01T00:00", "until": "2090-01-01T00:00"}
    stack.change(contract={"plan": "standard", "zone": "Europe/Zurich", "blackouts": [freeze]})
    said = up(stack, succeeds=False)
    assert "has no window of 4 hours after blackouts and holidays [MU-2]" in said
    assert "Traceback" not in said


def test_a_jump_that_the_catalogue_forbids_is_refused_before_anything_is_asked(stack: Stack) -> None:
    up(stack)
    write_catalogue(
        stack.pulumi.project / "catalogue.yaml",
        {"v4.13.0": (f"r/a@{DIGEST}", f"r/b@{DIGEST}"), "v4.15.0": (f"r/a@{DIGEST}", f"r/b@{DIGEST}")},
        reachable_from="v4.14.0",
    )
    stack.change(version="v4.15.0")
    assert "reachable from v4.14.0 on" in up(stack, succeeds=False)


def test_a_gate_that_fails_stops_the_update_before_anything_is_made(
    stack: Stack, simulated_cluster: SimulatedCluster, database: Database
) -> None:
    database.server.execute(f"alter role {database.user} connection limit 5")
    said = up(stack, succeeds=False)
    assert "PG-3: fail: enough connections" in said
    assert "customer acts: raise the role's CONNECTION LIMIT" in said
    assert simulated_cluster.kubectl("get", "namespace", stack.name, "--ignore-not-found") == ""
    database.server.execute(f"alter role {database.user} connection limit -1")
    up(stack)


def test_destroy_removes_the_installation_and_may_be_repeated(
    stack: Stack, simulated_cluster: SimulatedCluster
) -> None:
    up(stack)
    done = stack.pulumi.run("destroy", "--yes", "--skip-preview", "--stack", stack.name)
    assert done.returncode == 0, done.stdout + done.stderr
    assert simulated_cluster.kubectl("get", "namespace", stack.name, "--ignore-not-found") == ""
