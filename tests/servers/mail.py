"""A mail relay with STARTTLS and AUTH that remembers every command it was given."""

import ssl
from pathlib import Path
from types import TracebackType
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from lab.control_plane import free_port

USER, PASSWORD = "zitadel", "secret-of-the-relay"


class _Commands:
    def __init__(self) -> None:
        self.commands: list[str] = []
        self.rcpt_reply = "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.commands.append(f"RCPT {address}")
        if self.rcpt_reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt_reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.commands.append("DATA")
        return "250 OK"


class Relay:
    """A context manager; `takes_anybody` makes it take every password."""

    def __init__(self, pem: Path, *, starttls: bool = True, takes_anybody: bool = False) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        self.handler = _Commands()
        self.port = free_port()  # the library connects to the port it was given, so it must be known

        def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
            known = isinstance(data, LoginPassword) and (data.login, data.password) == (
                USER.encode(),
                PASSWORD.encode(),
            )
            return AuthResult(success=known or takes_anybody, handled=takes_anybody)

        secured: dict[str, Any] = {"tls_context": context, "require_starttls": True} if starttls else {}
        self._controller = Controller(
            self.handler, hostname="127.0.0.1", port=self.port, authenticator=authenticate, auth_required=starttls,
            auth_require_tls=starttls, **secured,
        )  # fmt: skip

    def __enter__(self) -> "Relay":
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()
