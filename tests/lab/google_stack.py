"""The example stack on Google Cloud under the real engine: the cloud is simulated, cluster and database are real."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from kastellan.domain.dedicated_pool import POOL, POOL_LABEL
from lab.gateway_api import install_gateway_api
from lab.postgres import Postgres
from lab.pulumi_cli import ROOT, PulumiCli
from lab.simulated import NodeShape, SimulatedCluster
from lab.stack import MASTERKEY, Stack
from tests.clouds.simulated_google import SimulatedGoogle

DIGEST = "sha256:" + "a" * 64
NAME = "acme"
_ADDRESS = "127.54.32.1"
"""Cloud SQL listens on 5432 only; an address of its own keeps it apart from other servers of this machine."""
_GATEWAY_CLASS: dict[str, Any] = {
    "apiVersion": "gateway.networking.k8s.io/v1",
    "kind": "GatewayClass",
    "metadata": {"name": "gke-l7-global-external-managed"},
    "spec": {"controllerName": "networking.gke.io/gateway"},
}
"""GKE brings it along (cloud.google.com, GKE, "GatewayClass capabilities"); nobody here works for it."""
_ACCEPTED = {
    "type": "Accepted",
    "status": "True",
    "reason": "Accepted",
    "message": "simulated",
    "lastTransitionTime": "2026-01-01T00:00:00Z",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleLab:
    """The stack, and what stands behind it."""

    stack: Stack
    cloud: SimulatedGoogle
    cluster: SimulatedCluster
    postgres: Postgres

    @property
    def google(self) -> dict[str, Any]:
        """`installation:google` of the stack file."""
        found: dict[str, Any] = yaml.safe_load(self.stack.path.read_text())["config"]["installation:google"]
        return found

    def run(self, command: str, *arguments: str) -> tuple[int, str]:
        """A command of the engine on the stack: exit code, and what it said."""
        asking = () if command == "preview" or "--preview-only" in arguments else ("--yes", "--skip-preview")
        done = self.stack.pulumi.run(command, *asking, "--stack", self.stack.name, *arguments)
        return done.returncode, done.stdout + done.stderr

    def up(self, *arguments: str) -> str:
        """An update that has to succeed."""
        code, said = self.run("up", *arguments)
        assert code == 0, said
        return said


@contextmanager
def google_lab(folder: Path) -> Iterator[GoogleLab]:
    """Everything but the installation."""
    with SimulatedCluster(_nodes()) as cluster, _postgres() as postgres:
        install_gateway_api(cluster)
        cluster.apply(*_google_definitions(), _GATEWAY_CLASS)
        cluster.kubectl(
            "patch", "gatewayclass", _GATEWAY_CLASS["metadata"]["name"], "--subresource=status", "--type=merge",
            "-p", json.dumps({"status": {"conditions": [_ACCEPTED]}}),
        )  # fmt: skip
        pulumi = PulumiCli(folder / "pulumi")
        cloud = SimulatedGoogle(pulumi, folder / "cloud")
        cloud.tell(
            clusterEndpoint=cluster.server.removeprefix("https://"),
            clusterCa=cluster.authority.certificate,
            databaseHost=postgres.host,
            databaseAddress=postgres.host,
            databaseCa=postgres.ca_pem,
            databaseAdmin=postgres.url(postgres.admin_user, postgres.admin_password, "postgres"),
            databaseName="zitadel",
        )
        operator = cluster.authority.client("operator", ("system:masters",))
        cloud.login_with(operator.certificate, operator.private_key)
        stack = Stack(pulumi, NAME, _values(), secrets={"masterkey": MASTERKEY, "database.password": "of-the-role"})
        yield GoogleLab(stack=stack, cloud=cloud, cluster=cluster, postgres=postgres)


def _values() -> dict[str, Any]:
    """The example, with images that simulated nodes know, and as fast as they are."""
    example = yaml.safe_load((ROOT / "stacks" / "Pulumi.example-gke.yaml").read_text())["config"]
    values = {key.partition(":")[2]: value for key, value in example.items() if key.startswith("installation:")}
    del values["masterkey"]
    values["database"] = {}
    values["images"] = {"zitadel": f"localhost/zitadel@{DIGEST}", "login": f"localhost/login@{DIGEST}"}
    return values | {"verification": "readiness"}


def _postgres() -> Postgres:
    """With the flag that the sized instance has, whose connections the preflight counts."""
    return Postgres(bind=_ADDRESS, port=5432, settings=["max_connections=500"])


def _nodes() -> tuple[NodeShape, ...]:
    """As the sized pools are: one small node a zone, and two that are ZITADEL's alone."""
    taint = {"key": POOL_LABEL, "value": POOL, "effect": "NoSchedule"}
    zones = [f"europe-west6-{letter}" for letter in "abc"]
    platform = [NodeShape(name=f"platform-{zone}", zone=zone, cpu="2", memory="8Gi") for zone in zones]
    own = [
        NodeShape(name=f"zitadel-{zone}-{n}", zone=zone, cpu="3920m", memory="13Gi", taints=(taint,),
                  labels={POOL_LABEL: POOL})
        for zone in zones for n in range(2)
    ]  # fmt: skip
    return (*platform, *own)


def _google_definitions() -> list[dict[str, Any]]:
    """GKE serves these kinds; what is in them nobody here judges."""
    return [
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{plural}.networking.gke.io"},
            "spec": {
                "group": "networking.gke.io",
                "scope": "Namespaced",
                "names": {"kind": kind, "plural": plural},
                "versions": [
                    {
                        "name": "v1",
                        "served": True,
                        "storage": True,
                        "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
                    }
                ],
            },
        }
        for kind, plural in (("GCPBackendPolicy", "gcpbackendpolicies"), ("HealthCheckPolicy", "healthcheckpolicies"))
    ]
