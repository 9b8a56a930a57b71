import socket
import ssl
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kastellan.adapters.notify.channels import notifier_for
from kastellan.domain.errors import (
    DeadlineExceededError,
    ForbiddenError,
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
from kastellan.ports.notifier import Notifier
from tests.contracts.notifier import SECRET, NotifierContract, Received
from tests.servers.notices import (
    Mailbox,
    Webhook,
    failed,
    free_port,
    mail_url,
    mailbox,
    plain,
    self_signed,
    send,
    served,
    webhook,
)

__all__ = ["mail_url", "mailbox", "webhook"]


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
