"""The real Pulumi engine on a real API server: up, nothing to do, upgrade, drift, kills, destroy."""

import contextlib
import json
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.pulumi_cli import PulumiCli
from lab.simulated import SimulatedCluster
from lab.stack import MASTERKEY, Stack, write_catalogue
from tests.lab.conftest import Database
from tests.waiting import until

DIGEST = "sha256:" + "a" * 64


@pytest.fixture
def stack(
    pulumi: PulumiCli, simulated_cluster: SimulatedCluster, database: Database, request: pytest.FixtureRequest
) -> Iterator[Stack]:
    """A stack on the shared simulated cluster, in a namespace of its own; simulated pods are steered by the image."""
    name = "pulumi-" + str(abs(hash(request.node.name)) % 10**8)
    images = {
        version: (f"localhost/{path}zitadel@{DIGEST}", f"localhost/login@{DIGEST}")
        for version, path in (("v4.13.0", ""), ("v4.13.1", ""), ("v4.14.0", "held/"), ("v4.15.0", ""))
    }
    write_catalogue(pulumi.project / "catalogue.yaml", images)
    kubeconfig = pulumi.project / "customer.kubeconfig"
    kubeconfig.write_text(simulated_cluster.kubeconfig_text)
    yield Stack(
        pulumi,
        name,
        {
            "platform": "existing",
            "version": "v4.13.0",
            "domain": "id.customer.example",
            "namespace": name,
            "cluster": {"kubeconfigPath": "customer.kubeconfig"},
            "catalogue": "catalogue.yaml",
            "verification": "readiness",
            "database": {
                "host": database.server.host,
                "port": database.server.port,
                "name": database.name,
                "user": database.user,
                "ca": database.server.ca_pem,
            },
        },
        secrets={"masterkey": MASTERKEY, "database.password": database.password},
    )
    simulated_cluster.kubectl("delete", "namespace", name, "--ignore-not-found", "--wait=false")


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
    assert outputs(stack)["prerequisites"] == "passed"
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


@pytest.mark.parametrize("victim", ["provider", "engine"])
@pytest.mark.parametrize("moment", ["setup", "rollout"])
def test_a_kill_is_finished_by_the_next_up(
    stack: Stack, simulated_cluster: SimulatedCluster, victim: str, moment: str, tmp_path: Path
) -> None:
    up(stack)
    stack.change(version="v4.14.0")  # its jobs and its pods are held until they are let go
    _kill_in(stack, simulated_cluster, victim, moment, tmp_path)
    with _everything_released(stack, simulated_cluster):
        up(stack)
    up(stack, "--expect-no-changes")
    refreshed = stack.pulumi.run("refresh", "--yes", "--expect-no-changes", "--stack", stack.name)
    assert refreshed.returncode == 0, refreshed.stdout
    pods = simulated_cluster.request("GET", f"/api/v1/namespaces/{stack.name}/pods")["items"]
    setups = [pod for pod in pods if "zitadel-setup-v4-14-0" in pod["metadata"]["name"]]
    assert [pod["status"]["phase"] for pod in setups] == ["Succeeded"], "setup must run to success exactly once"
    jobs = simulated_cluster.kubectl("-n", stack.name, "get", "jobs", "-o", "name").split()
    assert len(jobs) == 2, f"something is left over: {jobs}"


def _kill_in(stack: Stack, cluster: SimulatedCluster, victim: str, moment: str, tmp_path: Path) -> None:
    running = stack.pulumi.start("up", "--yes", "--skip-preview", "--stack", stack.name, log=tmp_path / "up.log")

    def pod(component: str) -> str:
        labels = f"app.kubernetes.io/name={component},app.kubernetes.io/version=v4.14.0"
        return cluster.kubectl("-n", stack.name, "get", "pods", "-l", labels, "-o", "name").strip()

    until(lambda: pod("zitadel-init") and cluster.release(stack.name), seconds=60)
    until(lambda: pod("zitadel-setup"), seconds=60)
    if moment == "rollout":
        until(lambda: cluster.release(stack.name))
        until(lambda: pod("zitadel"), seconds=60)
    processes = [running.pid] if victim == "engine" else _providers(running.pid)
    assert processes
    providers = _providers(running.pid)
    for process in processes:
        os.kill(process, signal.SIGKILL)
    running.wait(60)
    until(lambda: not [pid for pid in providers if _is_alive(pid)], seconds=10)
    if victim == "engine":
        stack.pulumi.run("cancel", "--yes", "--stack", stack.name)


def _providers(engine: int) -> list[int]:
    """Providers of ours that the engine started."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == engine and b"pulumi-resource-kastellan" in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return found


def _is_alive(process: int) -> bool:
    return Path(f"/proc/{process}").exists()


@contextlib.contextmanager
def _everything_released(stack: Stack, cluster: SimulatedCluster) -> Iterator[None]:
    """Let every held job go, now and later."""
    ended = threading.Event()

    def release() -> None:
        while not ended.wait(0.2):
            cluster.release(stack.name)

    thread = threading.Thread(target=release)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
