"""An installation for tests with the real Pulumi engine: a stack on the simulated cluster, and its held pods."""

import contextlib
import json
import threading
from collections.abc import Iterator
from typing import Any

from lab.pulumi_cli import PulumiCli
from lab.simulated import SimulatedCluster
from lab.stack import MASTERKEY, Stack, write_catalogue
from tests.lab.conftest import Database

DIGEST = "sha256:" + "a" * 64
HELD = ("v4.14.0", "v4.14.1", "v4.14.2", "v4.14.3", "v4.14.4", "v4.14.5")
"""Releases whose jobs and pods wait until they are released."""
_PATHS = {"v4.13.0": "", "v4.13.1": "", **dict.fromkeys(HELD, "held/"), "v4.15.0": ""}


@contextlib.contextmanager
def installation_stack(pulumi: PulumiCli, cluster: SimulatedCluster, database: Database, name: str) -> Iterator[Stack]:
    """A stack at v4.13.0, not brought yet, in a namespace of its own; simulated pods are steered by the image."""
    images = {
        version: (f"localhost/{path}zitadel@{DIGEST}", f"localhost/login@{DIGEST}") for version, path in _PATHS.items()
    }
    write_catalogue(pulumi.project / "catalogue.yaml", images)
    (pulumi.project / "customer.kubeconfig").write_text(cluster.kubeconfig_text)
    values = {
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
    }
    yield Stack(pulumi, name, values, secrets={"masterkey": MASTERKEY, "database.password": database.password})
    cluster.kubectl("delete", "namespace", name, "--ignore-not-found", "--wait=false")


def up(stack: Stack, *arguments: str, succeeds: bool = True) -> str:
    """An update, and what was said in it."""
    done = stack.pulumi.run("up", "--yes", "--skip-preview", "--stack", stack.name, *arguments)
    text = done.stdout + done.stderr
    assert (done.returncode == 0) is succeeds, text
    return text


def outputs(stack: Stack) -> dict[str, Any]:
    """What the program exported."""
    parsed: dict[str, Any] = json.loads(stack.pulumi.run("stack", "output", "--json", "--stack", stack.name).stdout)
    return parsed


def pod(cluster: SimulatedCluster, namespace: str, component: str, version: str) -> str:
    """Names of a component's pods of a version; empty where there is none."""
    labels = f"app.kubernetes.io/name={component},app.kubernetes.io/version={version}"
    return cluster.kubectl("-n", namespace, "get", "pods", "-l", labels, "-o", "name").strip()


@contextlib.contextmanager
def everything_released(namespace: str, cluster: SimulatedCluster) -> Iterator[None]:
    """Let every held job go, now and later."""
    ended = threading.Event()

    def release() -> None:
        while not ended.wait(0.2):
            cluster.release(namespace)

    thread = threading.Thread(target=release)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
