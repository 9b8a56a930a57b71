"""Tells Pulumi's engine how a resource stands: lines under the resource in `pulumi up`."""

import contextlib

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from kastellan.ports.clock import Clock

_QUIET_SECONDS = 60.0
"""Longest time without a lasting line while the same thing is waited for; the short-lived status is told each time."""


class EngineLog:
    """Implements `ports.progress.Progress` for one resource.

    Args:
        address: of the engine, as the plugin gets it; empty where there is none.
        urn: of the resource.
        clock: says when a lasting line is due again.
    """

    def __init__(self, address: str, urn: str, clock: Clock) -> None:
        self._clock = clock
        self._urn = urn
        self._stub = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address)) if address else None
        self._last: tuple[str, str] = ("", "")
        self._told = 0.0

    def report(self, step: str, text: str, *, done: int = 0, total: int = 0) -> None:
        """See the port."""
        # A waiting line begins with its elapsed seconds; without them it says whether something new happened.
        meaning = (step, text.partition(" s, ")[2] or text)
        now = self._clock.monotonic()
        lasting = meaning != self._last or now - self._told >= _QUIET_SECONDS
        if lasting:
            self._last, self._told = meaning, now
        self._send(f"{step}: {text}", engine_pb2.INFO, ephemeral=not lasting)

    def line(self, text: str) -> None:
        """A line that stays."""
        self._send(text, engine_pb2.INFO, ephemeral=False)

    def warning(self, text: str) -> None:
        """A warning."""
        self._send(text, engine_pb2.WARNING, ephemeral=False)

    def _send(self, text: str, severity: engine_pb2.LogSeverity.ValueType, *, ephemeral: bool) -> None:
        if self._stub is None:
            return
        request = engine_pb2.LogRequest(severity=severity, message=text, urn=self._urn, ephemeral=ephemeral)
        with contextlib.suppress(grpc.RpcError):  # a procedure must not fail by being watched
            self._stub.Log(request, timeout=5)
