"""`pulumi-resource-kastellan`: the executable that Pulumi's engine starts.

The server of the SDK answers an error of ours with a stack trace; this one answers with its message alone.
"""

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from typing import Any

import grpc
import grpc.aio
from pulumi.provider.experimental.server import ProviderServicer
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import provider_pb2_grpc

from kastellan.domain.errors import KastellanError
from kastellan.provider.provider import KastellanProvider
from kastellan.provider.stop import end_with_parent


class _Servicer(ProviderServicer):
    """The SDK's server, with errors for people."""


def _readable(method: str) -> Callable[..., Awaitable[Any]]:
    async def call(self: _Servicer, request: Any, context: Any) -> Any:
        try:
            return await getattr(ProviderServicer, method)(self, request, context)
        except KastellanError as problem:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(problem))

    return call


for _method in ("Check", "Diff", "Create", "Update", "Read", "Delete", "Invoke", "Construct", "Call"):
    setattr(_Servicer, _method, _readable(_method))


def main() -> None:
    """Serve until the engine ends; prints the port first, as the plugin protocol asks."""
    arguments = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    if not arguments:
        sys.exit("pulumi-resource-kastellan is started by Pulumi's engine, which gives its address; see README.md")
    end_with_parent(arguments[0])
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(arguments[0]))


async def _serve(engine: str) -> None:
    server = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS)
    servicer = _Servicer(sys.argv[1:], version("kastellan"), KastellanProvider(engine), engine_address=engine)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await server.wait_for_termination()
