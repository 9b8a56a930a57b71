"""The gRPC health service on the real gRPC library, in clear (h2c) or behind TLS, with the ways to get it wrong."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any

import grpc

SERVING, NOT_SERVING = b"\x08\x01", b"\x08\x02"
_METADATA_BYTES = 32 * 1024
"""From its limit of 8 KiB on, the library refuses calls at random; a long header is as long."""


class HealthServer:
    """Answers `grpc.health.v1.Health/Check` on a free port; a context manager."""

    def __init__(self, pem: Path | None = None, *, status: bytes = SERVING, address: str = "127.0.0.1") -> None:
        self._server = grpc.server(
            ThreadPoolExecutor(max_workers=4), options=[("grpc.max_metadata_size", _METADATA_BYTES)]
        )
        handler = grpc.unary_unary_rpc_method_handler(lambda request, context: status)
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler("grpc.health.v1.Health", {"Check": handler}),)
        )
        if pem is None:
            self.port: int = self._server.add_insecure_port(f"{address}:0")
        else:
            content = pem.read_bytes()
            start = content.index(b"-----BEGIN EC PRIVATE KEY")
            credentials: Any = grpc.ssl_server_credentials([(content[start:], content[:start])])
            self.port = self._server.add_secure_port(f"{address}:0", credentials)

    def __enter__(self) -> "HealthServer":
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop(None).wait()
