"""TLS-1's collector against real servers with certificates in every state."""

import socket
from pathlib import Path

import pytest

from kastellan.adapters.probe.tls_facts import collect_handshake
from kastellan.preflight.dialogue import Step
from kastellan.preflight.probe_facts import Handshake
from lab.control_plane import free_port
from tests.servers.secured import HOST, Pki, SecuredServer


def _last(seen: Handshake) -> Step:
    return seen.dialogue.steps[-1]


def test_a_good_server_holds_every_step_and_refuses_both_controls(pki: Pki, tmp_path: Path) -> None:
    with SecuredServer(pki.issued(tmp_path)) as server:
        seen = collect_handshake(HOST, server.port, pki.root.certificate)
    assert [(step.name, step.held) for step in seen.dialogue.steps] == [
        ("dns", True), ("tcp", True), ("tls", True), ("alpn", True),
    ]  # fmt: skip
    assert [(control.name, control.refused) for control in seen.dialogue.controls] == [
        ("a foreign authority", True), ("another host name", True),
    ]  # fmt: skip
    assert seen.certificate
    assert (seen.certificate.key, seen.certificate.chain) == ("EC 256", 2)
    assert seen.certificate.issuer == "CN=customer intermediate"


def test_the_chain_ends_when_its_first_certificate_does(pki: Pki, tmp_path: Path) -> None:
    with SecuredServer(pki.issued(tmp_path, days=400)) as server:
        seen = collect_handshake(HOST, server.port, pki.root.certificate)
    assert seen.certificate
    # The lab's authorities are valid for 30 days, its servers here for 400.
    with SecuredServer(pki.issued(tmp_path, days=400, with_intermediate=False)) as server:
        own = collect_handshake(HOST, server.port, pki.intermediate.certificate + pki.root.certificate)
    assert own.certificate
    assert (own.certificate.ends - seen.certificate.ends).days in range(365, 375)


def test_a_missing_intermediate_is_caught_and_named(pki: Pki, tmp_path: Path) -> None:
    with SecuredServer(pki.issued(tmp_path, with_intermediate=False)) as server:
        seen = collect_handshake(HOST, server.port, pki.root.certificate)
    assert (_last(seen).name, _last(seen).held) == ("tls", False)
    assert "unable to get local issuer certificate" in _last(seen).said
    assert "the server sent 1 certificate, the last one signed by CN=customer intermediate" in _last(seen).said
    assert seen.dialogue.controls == ()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"expired": True}, "certificate has expired"),
        ({"name": "other.customer.example"}, "Hostname mismatch"),
    ],
    ids=["expired", "for another name"],
)
def test_a_wrong_certificate_is_the_servers_fault(
    pki: Pki, tmp_path: Path, wrong: dict[str, object], said: str
) -> None:
    with SecuredServer(pki.issued(tmp_path, **wrong)) as server:
        seen = collect_handshake(HOST, server.port, pki.root.certificate)
    assert (_last(seen).name, _last(seen).held) == ("tls", False)
    assert said in _last(seen).said


def test_another_authority_is_not_trusted(pki: Pki, tmp_path: Path) -> None:
    with SecuredServer(pki.issued(tmp_path)) as server:
        seen = collect_handshake(HOST, server.port, Pki.fresh().root.certificate)
    assert _last(seen).held is False
    assert "the server sent 2 certificates, the last one signed by CN=customer root" in _last(seen).said


def test_a_server_that_does_not_agree_to_h2_is_caught(pki: Pki, tmp_path: Path) -> None:
    with SecuredServer(pki.issued(tmp_path), alpn=("http/1.1",)) as server:
        seen = collect_handshake(HOST, server.port, pki.root.certificate)
    assert (_last(seen).name, _last(seen).held) == ("alpn", False)
    assert "http/1.1" in _last(seen).said


def test_a_port_without_a_server_says_nothing_and_is_tried_again(pki: Pki) -> None:
    seen = collect_handshake(HOST, free_port(), pki.root.certificate, timeout=1)
    assert (_last(seen).name, _last(seen).held, seen.dialogue.attempts) == ("tcp", None, 3)


def test_a_connection_that_is_cut_once_is_begun_anew_and_counted(pki: Pki, tmp_path: Path) -> None:
    with SecuredServer(pki.issued(tmp_path)) as server:
        server.cut_first = 1
        seen = collect_handshake(HOST, server.port, pki.root.certificate)
    assert seen.dialogue.attempts == 2
    assert all(step.held for step in seen.dialogue.steps)


def test_a_refusal_is_never_tried_again(pki: Pki, tmp_path: Path) -> None:
    with SecuredServer(pki.issued(tmp_path, expired=True)) as server:
        seen = collect_handshake(HOST, server.port, pki.root.certificate)
    assert seen.dialogue.attempts == 1


def test_a_server_that_speaks_no_tls_is_not_taken_for_silence(pki: Pki) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        import threading

        def greet() -> None:
            stream, _ = listener.accept()
            with stream:
                stream.recv(4096)
                stream.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=greet)
        thread.start()
        seen = collect_handshake(HOST, listener.getsockname()[1], pki.root.certificate, timeout=2)
        thread.join()
    assert (_last(seen).name, _last(seen).held) == ("tls", False)
