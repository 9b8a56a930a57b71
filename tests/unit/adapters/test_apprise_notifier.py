import json
import logging
import socket
import ssl
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from kastellan.adapters.notify.apprise_failure import failure
from kastellan.adapters.notify.channels import notifier_for
from kastellan.domain.errors import (
    DeadlineExceededError,
    ForbiddenError,
    InvalidInputError,
    KastellanError,
    NotFoundError,
    RejectedError,
    ServerFaultError,
    TemporaryError,
    ThrottledError,
    UnauthenticatedError,
    UnreachableError,
    UntrustedError,
)
from kastellan.ports.notifier import Notifier, Receipt
from tests.contracts.notifier import SECRET, NotifierContract, Received, message


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


class TestWebhook(NotifierContract):
    @pytest.fixture
    def notifier(self, webhook: Webhook) -> Notifier:
        return notifier_for({"operations": webhook.url})

    @pytest.fixture
    def received(self, webhook: Webhook) -> Received:
        return lambda: [(body["title"], body["message"]) for body in webhook.bodies]

    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            (302, RejectedError),
            (400, RejectedError),
            (401, UnauthenticatedError),
            (403, ForbiddenError),
            (404, NotFoundError),
            (410, NotFoundError),
            (422, RejectedError),
            (429, ThrottledError),
            (500, ServerFaultError),
            (503, ServerFaultError),
            (504, DeadlineExceededError),
        ],
    )
    def test_a_status_tells_whether_it_is_worth_trying_again(
        self, webhook: Webhook, status: int, kind: type[KastellanError]
    ) -> None:
        webhook.status = status
        error = failed(webhook.url)
        assert type(error) is kind
        assert error.message == (
            f"channel operations: the message was not taken: its server answered with status {status}"
        )
        assert isinstance(error, TemporaryError) or error.remediation

    def test_one_call_is_one_attempt_and_no_failure_counts_as_delivered_whatever_the_address_says(
        self, webhook: Webhook
    ) -> None:
        webhook.status = 500
        assert isinstance(failed(f"{webhook.url}&retry=3&wait=0&optional=yes"), ServerFaultError)
        assert len(webhook.bodies) == 1

    def test_a_redirect_is_not_followed_even_where_the_address_asks_for_it(self, webhook: Webhook) -> None:
        webhook.status = 301
        assert isinstance(failed(f"{webhook.url}&redirect=yes"), RejectedError)

    def test_a_server_that_hangs_is_left_after_the_timeout(self, webhook: Webhook) -> None:
        webhook.status = None
        error = failed(f"{webhook.url}&rto=300&cto=300", timeout=0.2)
        assert type(error) is DeadlineExceededError
        assert "did not answer in time" in error.message

    def test_a_server_that_is_not_there_is_unreachable(self) -> None:
        assert type(failed(f"json://127.0.0.1:{free_port()}/")) is UnreachableError

    def test_a_certificate_of_an_unknown_authority_is_not_trusted(self, tmp_path: Path) -> None:
        server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self_signed(tmp_path))
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None
        with served(server):
            assert type(failed(f"jsons://localhost:{server.server_port}/")) is UntrustedError


class TestMail(NotifierContract):
    @pytest.fixture
    def notifier(self, mail_url: str) -> Notifier:
        return notifier_for({"operations": mail_url})

    @pytest.fixture
    def received(self, mailbox: Mailbox) -> Received:
        def read() -> list[tuple[str, str]]:
            mails = [message_from_bytes(mail, policy=policy.default) for mail in mailbox.mails]
            return [(mail["Subject"], plain(mail.get_content())) for mail in mails]

        return read

    @pytest.mark.parametrize(
        "subject",
        [
            "x\r\nBcc: all@evil.example",
            "x\nBcc: all@evil.example",
            "é\r\nBcc: all@evil.example\r\n\r\n.\r\n",
            "x" * 2000,
        ],
    )
    def test_no_subject_adds_a_header(self, mail_url: str, mailbox: Mailbox, subject: str) -> None:
        send(mail_url, subject=subject)
        send(mail_url, subject="harmless")
        hostile, harmless = (message_from_bytes(mail, policy=policy.compat32) for mail in mailbox.mails)
        assert sorted(hostile.keys()) == sorted(harmless.keys())
        assert hostile["To"] == "ops@c.example"

    def test_a_text_with_a_lonely_dot_does_not_end_the_mail(self, mail_url: str, received: Received) -> None:
        text = "before\n.\nQUIT\nafter"
        send(mail_url, text=text)
        assert received()[0][1] == text

    def test_a_wrong_password_is_permanent(self, mail_url: str) -> None:
        error = failed(mail_url.replace(SECRET, "wrong"))
        assert type(error) is UnauthenticatedError
        assert error.message.endswith("its mail server answered with code 535")

    def test_a_recipient_that_is_refused_is_permanent(self, mail_url: str, mailbox: Mailbox) -> None:
        mailbox.refused = {"ops@c.example": "550 no such mailbox"}
        assert type(failed(mail_url)) is RejectedError

    def test_a_recipient_that_is_refused_for_now_is_temporary(self, mail_url: str, mailbox: Mailbox) -> None:
        mailbox.refused = {"ops@c.example": "450 greylisted"}
        assert type(failed(mail_url)) is ServerFaultError

    def test_of_several_recipients_one_that_may_take_it_later_makes_it_temporary(
        self, mail_url: str, mailbox: Mailbox
    ) -> None:
        mailbox.refused = {"ops@c.example": "550 no such mailbox", "second@c.example": "451 later"}
        assert type(failed(f"{mail_url},second@c.example")) is ServerFaultError

    @pytest.mark.parametrize(("answer", "kind"), [("552 too large", RejectedError), ("451 later", ServerFaultError)])
    def test_a_mail_that_is_refused_is_not_taken_for_delivered(
        self, mail_url: str, mailbox: Mailbox, answer: str, kind: type[KastellanError]
    ) -> None:
        mailbox.answer = answer
        assert type(failed(mail_url)) is kind

    def test_a_mail_server_that_is_not_there_is_unreachable(self) -> None:
        url = f"mailto://127.0.0.1:{free_port()}/?mode=insecure&from=us@vendor.example&to=ops@c.example"
        assert type(failed(url)) is UnreachableError

    def test_a_mail_server_that_hangs_is_left_after_the_timeout(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            port = silent.getsockname()[1]
            url = f"mailto://127.0.0.1:{port}/?mode=insecure&from=us@vendor.example&to=ops@c.example"
            assert type(failed(url, timeout=0.2)) is DeadlineExceededError


class TestAddresses:
    @pytest.mark.parametrize(
        "url",
        [
            "",
            f"nosuch://{SECRET}",
            f"slack://{SECRET}",
            f"json://{SECRET}:",
            f"{SECRET}",
            f"file://{SECRET}/folder",
            f"file:relative/{SECRET}",
            f"file:///folder?{SECRET}",
            f"file://[{SECRET}",
            f"jsons://user:{SECRET}@host.example/?verify=no",
        ],
    )
    def test_an_address_that_cannot_be_used_is_told_by_its_channel_and_never_shown(
        self, url: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(0)
        with pytest.raises(InvalidInputError) as refused:
            notifier_for({"fine": "file:///folder", "wrong": url})
        assert [reason.path for reason in refused.value.reasons] == ["channel wrong"]
        assert refused.value.reasons[0].remediation
        assert_hidden(refused.value, caplog)

    def test_all_bad_addresses_are_told_at_once(self) -> None:
        with pytest.raises(InvalidInputError) as refused:
            notifier_for({"a": "nosuch://", "b": "file:///folder", "c": "file:x"})
        assert [reason.path for reason in refused.value.reasons] == ["channel a", "channel c"]

    def test_no_channels_are_no_mistake(self) -> None:
        assert repr(notifier_for({})) == "channels none"


class TestSecrets:
    @pytest.mark.parametrize("status", [200, 302, 401, 500, None])
    def test_no_secret_of_a_webhook_is_told(
        self, webhook: Webhook, status: int | None, caplog: pytest.LogCaptureFixture
    ) -> None:
        webhook.status = status
        caplog.set_level(0)
        assert_hidden(outcome(webhook.url, timeout=10 if status else 0.2), caplog)

    def test_no_secret_of_a_webhook_that_is_not_there_is_told(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(0)
        assert_hidden(outcome(f"json://user:{SECRET}@127.0.0.1:{free_port()}/{SECRET}?-q={SECRET}"), caplog)

    @pytest.mark.parametrize("answer", ["250 OK", "550 no"])
    def test_no_secret_of_a_mail_server_is_told(
        self, mail_url: str, mailbox: Mailbox, answer: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        mailbox.answer = answer
        caplog.set_level(0)
        assert_hidden(outcome(mail_url), caplog)

    def test_other_http_clients_log_as_ever(self, webhook: Webhook, caplog: pytest.LogCaptureFixture) -> None:
        send(webhook.url)
        caplog.set_level(0)
        logging.getLogger("urllib3.connectionpool").debug("of somebody else")
        assert "of somebody else" in caplog.text


class TestReasons:
    """What apprise may log, without a server that makes it do so."""

    def test_no_reason_is_temporary(self) -> None:
        error = failure("operations", [])
        assert type(error) is ServerFaultError
        assert error.message == "channel operations: the message was not taken: apprise gave no reason"

    def test_a_name_that_cannot_be_found_is_unreachable(self) -> None:
        line = "Socket Exception: HTTPSConnectionPool(host='x', port=443): Max retries exceeded with url: / (Caused by"
        lines = ["A problem occurred.", f"{line} NameResolutionError: Failed to resolve 'x')"]
        assert type(failure("operations", lines)) is UnreachableError

    def test_one_of_several_answers_that_may_change_makes_it_temporary(self) -> None:
        lines = ["Failed to send: error=404.", "Failed to send: error=503."]
        assert type(failure("operations", lines)) is ServerFaultError
        assert type(failure("operations", lines[:1])) is NotFoundError

    def test_nothing_but_numbers_is_taken_from_what_it_logs(self) -> None:
        lines = [f"Failed to send {SECRET}: error=500, {SECRET}", f"Socket Exception: (535, b'{SECRET}') timed out"]
        assert SECRET not in repr(failure("operations", lines)) + str(failure("operations", lines[1:]))


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
