"""NET-2's collector against a real gRPC server behind TLS, and against servers that only look like one."""

from pathlib import Path

import pytest

from kastellan.adapters.probe.entry_facts import collect_entry
from kastellan.preflight.dialogue import Dialogue
from tests.servers.health import NOT_SERVING, HealthServer
from tests.servers.secured import HOST, Pki, SecuredServer


def _probed(port: int, pki: Pki) -> Dialogue:
    return collect_entry(HOST, port, pki.root.certificate, idle_seconds=0.1, timeout=2)


def test_a_grpc_server_behind_tls_holds_every_step(pki: Pki, tmp_path: Path) -> None:
    with HealthServer(pki.issued(tmp_path)) as server:
        seen = _probed(server.port, pki)
    assert [step.name for step in seen.steps if step.held] == [
        "dns", "tcp", "tls", "alpn", "http2", "grpc", "trailers", "idle", "header",
    ]  # fmt: skip
    assert [control.refused for control in seen.controls] == [True]


def test_a_server_that_is_not_serving_does_not_pass(pki: Pki, tmp_path: Path) -> None:
    with HealthServer(pki.issued(tmp_path), status=NOT_SERVING) as server:
        seen = _probed(server.port, pki)
    assert (seen.steps[-1].name, seen.steps[-1].held) == ("trailers", False)


def test_without_alpn_there_is_no_http2(pki: Pki, tmp_path: Path) -> None:
    with SecuredServer(pki.issued(tmp_path), alpn=("http/1.1",)) as server:
        seen = _probed(server.port, pki)
    assert (seen.steps[-1].name, seen.steps[-1].held) == ("alpn", False)


@pytest.mark.parametrize(
    "speech", [b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", b""], ids=["HTTP/1.1", "nothing"]
)
def test_a_server_that_promises_h2_and_speaks_something_else_is_caught(pki: Pki, tmp_path: Path, speech: bytes) -> None:
    def serve(stream: object) -> None:
        stream.recv(4096)
        stream.sendall(speech)

    with SecuredServer(pki.issued(tmp_path), serve=serve) as server:
        seen = _probed(server.port, pki)
    assert (seen.steps[-1].name, seen.steps[-1].held) == ("http2", False)
