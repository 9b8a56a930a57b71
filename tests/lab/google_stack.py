"""The example stack on Google Cloud under the real engine: the cloud is simulated, cluster and database are real."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lab.gateway_api import install_gateway_api
from lab.postgres import Postgres
from lab.pulumi_cli import PulumiCli
from lab.simulated import SimulatedCluster
from lab.stack import MASTERKEY, Stack
from tests.clouds.simulated_google import SimulatedGoogle
from tests.lab.cloud_lab import NAME, CloudLab, example_values, sized_nodes

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


GoogleLab = CloudLab[SimulatedGoogle]


@contextmanager
def google_lab(folder: Path) -> Iterator[GoogleLab]:
    """Everything but the installation."""
    with (
        SimulatedCluster(sized_nodes(*(f"europe-west6-{letter}" for letter in "abc"))) as cluster,
        _postgres() as postgres,
    ):
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
        secrets: dict[str, str | Path] = {"masterkey": MASTERKEY, "database.password": "of-the-role"}
        stack = Stack(pulumi, NAME, example_values("gke", {}), secrets=secrets)
        yield GoogleLab(stack=stack, cloud=cloud, cluster=cluster, postgres=postgres)


def _postgres() -> Postgres:
    """With the flag that the sized instance has, whose connections the preflight counts."""
    return Postgres(bind=_ADDRESS, port=5432, settings=["max_connections=500"])


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
