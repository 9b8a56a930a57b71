"""One HTTP/2 connection and the gRPC health call on it, frame by frame.

With the protocol library h2 and not with grpcio: a probe has to say at which step a proxy stands in the way, and grpcio
gives one status for all of them, chooses the connection itself and repeats in silence.
Sources: gRPC over HTTP/2 (PROTOCOL-HTTP2.md), health checking (grpc.health.v1), RFC 9113.
"""

import socket
import ssl
import struct
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    RemoteSettingsChanged,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from h2.exceptions import ProtocolError

HEALTH_PATH = "/grpc.health.v1.Health/Check"
EMPTY_REQUEST = struct.pack(">BI", 0, 0)
"""A HealthCheckRequest without a service name: the whole server is meant."""
_SERVING = b"\x08\x01"
"""A HealthCheckResponse with status SERVING (field 1, value 1)."""
_LARGEST = 65_536


class CallError(Exception):
    """The connection ended, or broke the protocol; the message says how."""


@dataclass(slots=True)
class Answer:
    """What one stream was answered."""

    headers: dict[str, str] = field(default_factory=dict)
    trailers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def serving(self) -> bool:
        """The health message says SERVING."""
        return self.body[5:] == _SERVING

    @property
    def told(self) -> str:
        """The answer in a few words."""
        status = self.trailers.get("grpc-status") or self.headers.get("grpc-status")
        kind = self.headers.get("content-type", "no content type")
        grpc = f"gRPC status {status}" if status else "no gRPC status"
        return f"HTTP {self.headers.get(':status', '?')}, {kind}, {grpc}"


class Http2Call:
    """A client's side of one connection; `stream` is connected, and the protocol agreed upon."""

    def __init__(self, stream: socket.socket | ssl.SSLSocket, authority: str) -> None:
        self._stream = stream
        self._authority = authority
        self._scheme = "https" if isinstance(stream, ssl.SSLSocket) else "http"
        self._h2 = H2Connection(H2Configuration(client_side=True, header_encoding="utf-8"))
        self._answers: dict[int, Answer] = {}
        self._ended: set[int] = set()
        self._settled = False

    def settle(self) -> None:
        """Exchange SETTINGS.

        Raises:
            CallError: something else came.
        """
        self._h2.initiate_connection()
        self._flush()
        while not self._settled:
            self._read()

    def open(self, headers: Mapping[str, str] | None = None) -> int:
        """Begin a health call: its headers, not yet its message."""
        number = self._h2.get_next_available_stream_id()
        fields = {
            ":method": "POST",
            ":scheme": self._scheme,
            ":authority": self._authority,
            ":path": HEALTH_PATH,
            "content-type": "application/grpc",
            "te": "trailers",
            "user-agent": "kastellan-preflight",
            **(headers or {}),
        }
        self._answers[number] = Answer()
        self._h2.send_headers(number, list(fields.items()))
        self._flush()
        return number

    def finish(self, number: int) -> Answer:
        """Send the message and wait for the end of the answer.

        Raises:
            CallError: the stream or the connection ended without one.
        """
        if number not in self._ended:
            try:
                self._h2.send_data(number, EMPTY_REQUEST, end_stream=True)
            except ProtocolError as failure:
                raise CallError(f"the stream was closed ({failure})") from failure
            self._flush()
        while number not in self._ended:
            self._read()
        return self._answers[number]

    def idle(self, number: int, seconds: float) -> None:
        """Keep an open stream silent for so long; what the server sends meanwhile is taken.

        Raises:
            CallError: it was ended before.
        """
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._stream.settimeout(left)
            try:
                self._read()
            except TimeoutError:
                return
            if number in self._ended:
                raise CallError(f"the server ended it after {seconds - left:.0f} s: {self._answers[number].told}")

    def timeout(self, seconds: float) -> None:
        """How long the next reads wait."""
        self._stream.settimeout(seconds)

    def _flush(self) -> None:
        try:
            self._stream.sendall(self._h2.data_to_send())
        except TimeoutError:
            raise
        except OSError as failure:
            raise CallError(f"cut off ({failure})") from failure

    def _read(self) -> None:
        try:
            data = self._stream.recv(_LARGEST)
        except TimeoutError:
            raise
        except OSError as failure:
            raise CallError(f"cut off ({failure})") from failure
        if not data:
            raise CallError("the server closed the connection")
        try:
            events = self._h2.receive_data(data)
        except ProtocolError as failure:
            raise CallError(f"no HTTP/2 ({type(failure).__name__})") from failure
        for event in events:
            self._take(event)
        self._flush()

    def _take(self, event: Event) -> None:
        match event:
            case RemoteSettingsChanged():
                self._settled = True
            case ResponseReceived():
                self._answers[event.stream_id].headers.update(_fields(event.headers))
            case TrailersReceived():
                self._answers[event.stream_id].trailers.update(_fields(event.headers))
            case DataReceived():
                answer = self._answers[event.stream_id]
                answer.body = (answer.body + event.data)[:_LARGEST]
                self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            case StreamEnded():
                self._ended.add(event.stream_id)
            case StreamReset():
                raise CallError(f"the stream was reset (error {event.error_code})")
            case ConnectionTerminated():
                raise CallError(f"the server went away (error {event.error_code})")
            case _:
                pass


def _fields(headers: Iterable[tuple[str | bytes, str | bytes]]) -> dict[str, str]:
    return {_text(name): _text(value) for name, value in headers}


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode(errors="replace")
