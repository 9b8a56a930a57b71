"""A TLS server that shakes hands and then does what it is told; and certificates in every state."""

import datetime
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from lab.pki import Authority, Credential

HOST = "localhost"


@dataclass(frozen=True)
class Pki:
    """A root, an intermediate, and what they issue."""

    root: Authority
    intermediate: Authority

    @classmethod
    def fresh(cls) -> "Pki":
        root = Authority("customer root")
        return cls(root, Authority("customer intermediate", issuer=root))

    def issued(
        self,
        folder: Path,
        *,
        days: float = 400,
        expired: bool = False,
        name: str = HOST,
        with_intermediate: bool = True,
    ) -> Path:
        """A file with key and chain, as a server wants them."""
        validity = datetime.timedelta(days=days)
        credential: Credential = self.intermediate.server([name], expired=expired, validity=validity)
        chain = credential.certificate + (self.intermediate.certificate if with_intermediate else "")
        path = folder / "server.pem"
        path.write_text(chain + credential.private_key)
        return path


class SecuredServer:
    """Accepts connections, shakes hands, calls `serve` with each; a context manager."""

    def __init__(
        self,
        pem: Path,
        *,
        alpn: Sequence[str] = ("h2", "http/1.1"),
        serve: Callable[[ssl.SSLSocket], None] | None = None,
    ) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(pem)
        if alpn:
            self._context.set_alpn_protocols(list(alpn))
        self._serve = serve
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self.port: int = self._listener.getsockname()[1]
        self.handshakes = 0
        self.cut_first = 0

    def __enter__(self) -> "SecuredServer":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                stream, _ = self._listener.accept()
            except OSError:
                return
            if self.cut_first:
                self.cut_first -= 1
                stream.close()
                continue
            with stream, suppress(OSError):
                stream.settimeout(5)
                with self._context.wrap_socket(stream, server_side=True) as secured:
                    self.handshakes += 1
                    if self._serve:
                        self._serve(secured)
                    else:
                        secured.recv(1)
