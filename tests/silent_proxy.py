"""A proxy on the loopback that may fall silent: it keeps connections open, takes new ones, and passes nothing on."""

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self


class SilentProxy:
    """Passes everything on until `be_silent`; what was kept back comes late, after `speak`.

    Attributes:
        port: on 127.0.0.1.
    """

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._speaking = threading.Event()
        self._speaking.set()
        self._ended = False
        self._open: list[socket.socket] = []

    def be_silent(self) -> None:
        self._speaking.clear()

    def speak(self) -> None:
        self._speaking.set()

    def cut(self) -> None:
        """Break every connection off, as a server does that is restarted."""
        while self._open:
            with contextlib.suppress(OSError):
                self._open.pop().shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended = True
        self._listener.shutdown(socket.SHUT_RDWR)
        self.cut()
        self.speak()

    def _accept(self) -> None:
        with self._listener:
            while True:
                try:
                    ours, _ = self._listener.accept()
                except OSError:
                    return
                its = socket.create_connection(self._server)
                self._open += [ours, its]
                for source, target in ((ours, its), (its, ours)):
                    threading.Thread(target=self._pass_on, args=(source, target), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with source, contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                self._speaking.wait()
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
