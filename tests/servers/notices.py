"""Servers that take notices, and what a notifier says of them."""

import json
import socket
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from kastellan.adapters.notify.channels import notifier_for
from kastellan.domain.errors import (
    KastellanError,
)
from kastellan.ports.notifier import Receipt
from tests.contracts.notifier import SECRET, message


class Webhook(ThreadingHTTPServer):
    """A webhook's server on a free port. `status` None means that it never answers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), WebhookRequest)
        self.status: int | None = 200
        self.bodies: list[dict[str, Any]] = []
        self.ended = threading.Event()

    @property
    def url(self) -> str:
        place = f"127.0.0.1:{self.server_port}/{SECRET}-path/"
        return f"json://user:{SECRET}@{place}?+X-Token={SECRET}-header&-q={SECRET}-query"


class WebhookRequest(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        self.server.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        if self.server.status is None:
            self.server.ended.wait(10)
            return
        answer = f"error=200 timed out (535, b'x') {self.path}".encode()
        self.send_response(self.server.status)
        self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def do_GET(self) -> None:
        raise AssertionError("it followed a redirect")

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Mailbox:
    """A mail server's behaviour; `refused` are codes by recipient."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.refused: dict[str, str] = {}
        self.answer = "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answer.startswith("250"):
            self.mails.append(envelope.content)
        return self.answer


@contextmanager
def served(server: ThreadingHTTPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    server = Webhook()
    with served(server):
        yield server
        server.ended.set()


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def mail_url(mailbox: Mailbox) -> Iterator[str]:
    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=free_port(),
        auth_require_tls=False,
        authenticator=lambda server, session, envelope, mechanism, data: AuthResult(
            success=data.password == SECRET.encode(), handled=False
        ),
    )
    controller.start()
    yield f"mailto://user:{SECRET}@127.0.0.1:{controller.port}/?mode=insecure&from=us@vendor.example&to=ops@c.example"
    controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def send(url: str, *, timeout: float = 10, **rest: str) -> Receipt:
    return notifier_for({"operations": url}, timeout=timeout).send(message(**rest))


def failed(url: str, *, timeout: float = 10) -> KastellanError:
    with pytest.raises(KastellanError) as raised:
        send(url, timeout=timeout)
    return raised.value


def plain(content: str) -> str:
    return content.replace("\r\n", "\n").removesuffix("\n")


def outcome(url: str, *, timeout: float = 10) -> object:
    try:
        return send(url, timeout=timeout)
    except KastellanError as error:
        return error


def assert_hidden(told: object, caplog: pytest.LogCaptureFixture) -> None:
    # aiosmtpd is the server, which has to see the password.
    records = [record for record in caplog.records if record.name != "mail.log"]
    logged = "".join(f"{record.getMessage()} {record.args} {record.exc_info}" for record in records)
    shown = logged + repr(told) + str(told)
    if isinstance(told, BaseException):
        shown += "".join(traceback.format_exception(told))
    assert SECRET not in shown


def self_signed(folder: Path) -> Path:
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    begin = datetime(2020, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, begin, begin + timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path
