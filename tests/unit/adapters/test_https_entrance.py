"""The way in by its external name, against servers on this machine that speak TLS, speak it badly, or break off."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kastellan.adapters.probe.https_entrance import HttpsEntrance
from kastellan.domain.errors import (
    DeadlineExceededError,
    KastellanError,
    ServerFaultError,
    UnreachableError,
    UntrustedError,
)
from kastellan.domain.probing import EntryPoint
from lab.control_plane import free_port
from lab.pki import Authority

DOMAIN = "id.customer.example"
AUTHORITY = Authority()
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@contextmanager
def server(folder: Path, handle: Callable[[ssl.SSLSocket], None], *, name: str = DOMAIN) -> Iterator[HttpsEntrance]:
    """A server that takes one connection, with a certificate of this name."""
    credential = AUTHORITY.server([name])
    (folder / "crt").write_text(credential.certificate)
    (folder / "key").write_text(credential.private_key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "crt", folder / "key")
    listener = socket.create_server(("127.0.0.1", 0))

    def take() -> None:
        try:
            stream, _ = listener.accept()
            with stream, context.wrap_socket(stream, server_side=True) as secured:
                handle(secured)
        except OSError:
            pass  # the client refuses the certificate

    thread = threading.Thread(target=take, daemon=True)
    thread.start()
    port = listener.getsockname()[1]
    entry = EntryPoint(port=port, addresses=("127.0.0.1",), ca=AUTHORITY.certificate)
    with listener:
        yield HttpsEntrance(DOMAIN, entry)
    thread.join(5)


def get(entrance: HttpsEntrance, *, timeout: float = 5.0) -> int:
    return entrance.get("/oauth/v2/keys", headers={"Authorization": "Bearer x"}, timeout_seconds=timeout).status


def test_the_name_is_asked_at_the_address_that_is_told(tmp_path: Path) -> None:
    heard: list[bytes] = []

    def answer(secured: ssl.SSLSocket) -> None:
        heard.append(secured.recv(4096))
        secured.sendall(ANSWER)

    with server(tmp_path, answer) as entrance:
        assert get(entrance) == 200
    assert heard[0].startswith(b"GET /oauth/v2/keys HTTP/1.1\r\n")
    assert f"Host: {DOMAIN}:{entrance.entry.port}\r\n".encode() in heard[0]
    assert b"Authorization: Bearer x\r\n" in heard[0]


def test_a_certificate_of_another_name_or_authority_is_not_trusted(tmp_path: Path) -> None:
    other = server(tmp_path, lambda secured: None, name="id.other.example")
    with other as entrance, pytest.raises(UntrustedError, match="Hostname mismatch"):
        get(entrance)
    with server(tmp_path, lambda secured: None) as entrance:
        stranger = HttpsEntrance(DOMAIN, EntryPoint(port=entrance.entry.port, addresses=("127.0.0.1",)))
        with pytest.raises(UntrustedError, match="unable to get local issuer"):
            get(stranger)


@pytest.mark.parametrize(
    ("handle", "error"),
    [
        (lambda secured: secured.recv(4096), ServerFaultError),
        (lambda secured: secured.sendall(b"SSH-2.0-other\r\n\r\n"), ServerFaultError),
        (lambda secured: secured.recv(4096) and secured.recv(4096), DeadlineExceededError),
    ],
)
def test_who_breaks_off_or_says_nothing_is_named(
    tmp_path: Path, handle: Callable[[ssl.SSLSocket], None], error: type[KastellanError]
) -> None:
    with server(tmp_path, handle) as entrance, pytest.raises(error, match=f"asking https://{DOMAIN}/oauth/v2/keys"):
        get(entrance, timeout=0.5)


def test_no_connection_says_nothing_about_who_is_cut_off() -> None:
    nobody = HttpsEntrance(DOMAIN, EntryPoint(port=free_port(), addresses=("127.0.0.1",)))
    with pytest.raises(UnreachableError, match=r"127\.0\.0\.1 port"):
        get(nobody)
    unknown = HttpsEntrance("id.customer.invalid", EntryPoint())
    with pytest.raises(UnreachableError, match=r"id\.customer\.invalid"):
        get(unknown)
