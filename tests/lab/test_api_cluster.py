"""The Kubernetes adapter on a real API server: the port's contract, and what goes wrong on the way."""

import http.server
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from kastellan.adapters.kubernetes.api_cluster import ApiCluster
from kastellan.adapters.kubernetes.connection import connect
from kastellan.adapters.kubernetes.retrying import RetryingCluster
from kastellan.domain.errors import (
    DeadlineExceededError,
    ForbiddenError,
    InvalidInputError,
    KastellanError,
    RejectedError,
    ServerFaultError,
    ThrottledError,
    UnauthenticatedError,
    UnreachableError,
    UntrustedError,
)
from kastellan.domain.kubernetes_object import ObjectRef
from lab.control_plane import free_port
from lab.pki import Authority
from lab.simulated import SimulatedCluster
from tests.contracts.cluster import ClusterContract, Stranger, config_map
from tests.fakes.clock import FakeClock
from tests.waiting import until


@pytest.fixture(scope="module")
def cluster(simulated_cluster: SimulatedCluster) -> Iterator[ApiCluster]:
    connected = connect(simulated_cluster.kubeconfig_text)
    yield connected
    connected.close()


class TestApiCluster(ClusterContract):
    @pytest.fixture
    def stranger(self, simulated_cluster: SimulatedCluster) -> Stranger:
        def change(ref: ObjectRef, path: tuple[str, ...], value: Any) -> None:
            patch: Any = value
            for part in reversed(path):
                patch = {part: patch}
            simulated_cluster.kubectl(
                "-n", ref.namespace, "patch", ref.kind.lower(), ref.name, "--type=merge",
                "--field-manager=somebody", "-p", yaml.safe_dump(patch),
            )  # fmt: skip

        return change


def changed(kubeconfig: str, **server: str) -> str:
    parsed = yaml.safe_load(kubeconfig)
    parsed["clusters"][0]["cluster"] |= {key.replace("_", "-"): value for key, value in server.items()}
    return yaml.safe_dump(parsed)


def test_a_closed_port_is_unreachable(simulated_cluster: SimulatedCluster) -> None:
    config = changed(simulated_cluster.kubeconfig_text, server=f"https://127.0.0.1:{free_port()}")
    with pytest.raises(UnreachableError, match=r"connection refused.*customer acts"):
        connect(config).request("/version")


def test_an_unknown_authority_is_untrusted(simulated_cluster: SimulatedCluster) -> None:
    import base64

    other = base64.b64encode(Authority("somebody else").certificate.encode()).decode()
    config = changed(simulated_cluster.kubeconfig_text, certificate_authority_data=other)
    with pytest.raises(UntrustedError, match="does not verify"):
        connect(config).request("/version")


def test_a_wrong_token_is_unauthenticated(simulated_cluster: SimulatedCluster) -> None:
    parsed = yaml.safe_load(simulated_cluster.kubeconfig_text)
    parsed["users"][0]["user"] = {"token": "not-a-token-of-this-cluster"}
    with pytest.raises(UnauthenticatedError) as refused:
        connect(yaml.safe_dump(parsed)).request("/version")
    assert "not-a-token" not in str(refused.value)


def test_a_user_without_rights_is_forbidden(simulated_cluster: SimulatedCluster, namespace: str) -> None:
    with pytest.raises(ForbiddenError, match="RBAC-1"):
        connect(simulated_cluster.user_kubeconfig("nobody-in-particular")).apply(config_map(namespace))


def test_a_refused_secret_shows_no_value(cluster: ApiCluster, namespace: str) -> None:
    secret = {
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "bad", "namespace": namespace},
        "data": {"the/key": "aHVzaCBodXNo"},
    }  # fmt: skip
    with pytest.raises(RejectedError) as refused:
        cluster.apply(secret)
    assert "aHVzaCBodXNo" not in str(refused.value)
    assert "data[the/key]" in str(refused.value)


def test_a_quota_that_is_full_is_rejected_and_lies_with_the_customer(
    simulated_cluster: SimulatedCluster, cluster: ApiCluster, namespace: str
) -> None:
    simulated_cluster.apply(
        {
            "apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "none", "namespace": namespace},
            "spec": {"hard": {"services": "0"}},
        }
    )  # fmt: skip
    service = {
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "one", "namespace": namespace},
        "spec": {"ports": [{"port": 80}]},
    }  # fmt: skip
    until(lambda: simulated_cluster.request("GET", f"/api/v1/namespaces/{namespace}/resourcequotas/none")["status"])
    with pytest.raises(RejectedError, match=r"exceeded quota.*customer acts"):
        cluster.apply(service)


def test_a_long_list_comes_in_pages(
    simulated_cluster: SimulatedCluster, cluster: ApiCluster, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kastellan.adapters.kubernetes.api_cluster._PAGE", 2)
    simulated_cluster.apply(*(config_map(namespace, f"n{number}") for number in range(5)))
    names = [item["metadata"]["name"] for item in cluster.list("v1", "ConfigMap", namespace=namespace)]
    assert sorted(name for name in names if name.startswith("n")) == ["n0", "n1", "n2", "n3", "n4"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no kubeconfig"),
        ("a: [", "no YAML"),
        ("just words", "no kubeconfig"),
        ("{clusters: [], contexts: [], users: []}", "no current context"),
        ("{clusters: [], contexts: [{name: a, context: {cluster: b, user: c}}], users: [], current-context: a}", "a"),
    ],
)
def test_what_is_no_kubeconfig_is_refused(text: str, says: str) -> None:
    with pytest.raises(InvalidInputError, match=says):
        connect(text)


class Answering(http.server.BaseHTTPRequestHandler):
    statuses: list[int]
    seen = 0

    def do_GET(self) -> None:
        kind = type(self)
        status = kind.statuses[min(kind.seen, len(kind.statuses) - 1)]
        kind.seen += 1
        if status == 0:
            threading.Event().wait(1.5)
            return
        if status < 0:
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b'{"kind":')  # and then the connection is cut
            return
        self.send_response(status)
        self.send_header("Retry-After", "7")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def answering() -> Iterator[Any]:
    """An API server that answers with the given statuses in turn; 0 hangs, -1 is cut off in the middle."""
    servers = []

    def start(*statuses: int) -> str:
        handler = type("Handler", (Answering,), {"statuses": [*statuses], "seen": 0})
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        return yaml.safe_dump(
            {
                "clusters": [{"name": "c", "cluster": {"server": url}}],
                "users": [{"name": "u", "user": {"token": "t"}}],
                "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
                "current-context": "x",
            }
        )

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (429, ThrottledError),
        (500, ServerFaultError),
        (503, ServerFaultError),
        (0, DeadlineExceededError),
        (-1, UnreachableError),
    ],
)
def test_a_server_in_trouble_is_a_temporary_error(answering: Any, status: int, error: type[KastellanError]) -> None:
    with pytest.raises(error):
        connect(answering(status), timeout_seconds=0.5).request("/version")


def test_a_server_that_recovers_in_time_is_waited_for(answering: Any) -> None:
    clock = FakeClock()
    assert RetryingCluster(connect(answering(-1, 500, 200)), clock).request("/version") == {}
    assert clock.slept > 0


def test_a_throttling_server_is_asked_again_after_the_time_that_it_named(answering: Any) -> None:
    clock = FakeClock()
    assert RetryingCluster(connect(answering(429, 429, 200)), clock).request("/version") == {}
    assert clock.slept >= 14


def test_a_server_that_stays_broken_is_given_up_after_the_patience(answering: Any) -> None:
    clock = FakeClock()
    with pytest.raises(ServerFaultError):
        RetryingCluster(connect(answering(500)), clock, patience_seconds=60).request("/version")
    assert 50 <= clock.slept <= 60, "no wait ends after the patience"
