"""NET-2, from this machine: a gRPC call through the real way in, as ZITADEL's clients make it.

Asserted in this order: name, connection, TLS, ALPN, HTTP/2, the call, its trailers, an idle stream, a long header.
"""

import ssl
from contextlib import closing

from kastellan.adapters.probe.http2_call import Answer, CallError, Http2Call
from kastellan.adapters.probe.steps import StepEndedError, Walk, connected, walked, wrapped
from kastellan.adapters.probe.tls import verifying
from kastellan.preflight.dialogue import Control, Dialogue

IDLE_SECONDS = 35.0
"""Longer than the shortest default of a managed load balancer (Google Cloud's backend services: 30 s)."""
HEADER_BYTES = 8 * 1024
"""A session cookie and a token together may be as long; common proxies allow 8 KiB for a header by default."""
ANSWER_SECONDS = 5.0
"""For each step but the idle one."""
_NOTHING_BEHIND = ("404", "503")
"""What proxies answer where no route or no backend is there yet: it says nothing about HTTP/2."""


def collect_entry(
    host: str, port: int, ca: str, *, idle_seconds: float = IDLE_SECONDS, timeout: float = ANSWER_SECONDS
) -> Dialogue:
    """Call the health service of whatever stands behind the way in."""
    authority = host if port == 443 else f"{host}:{port}"

    def walk(noted: Walk) -> None:
        with (
            closing(connected(noted, host, port, timeout=timeout)) as stream,
            closing(wrapped(noted, stream, verifying(ca, alpn=("h2",)), host)) as secured,
        ):
            if secured.selected_alpn_protocol() != "h2":
                raise StepEndedError("alpn", "the server does not agree to h2", held=False)
            noted.held("alpn", "h2")
            _call(noted, Http2Call(secured, authority), idle_seconds, timeout)

    return walked(f"{host}:{port}", walk, lambda: (_over_http1(host, port, ca, authority, timeout),))


def _call(noted: Walk, call: Http2Call, idle_seconds: float, timeout: float) -> None:
    step = "http2"
    try:
        call.settle()
        noted.held(step, "SETTINGS were exchanged")
        step = "grpc"
        answer = call.finish(call.open())
        _judge(noted, answer)
        step = "idle"
        silent = call.open()
        call.idle(silent, idle_seconds)
        call.timeout(timeout)
        _serving(call.finish(silent), step)
        noted.held(step, f"a stream stayed open for {idle_seconds:g} s without a byte")
        step = "header"
        _serving(call.finish(call.open({"x-kastellan-probe": "x" * HEADER_BYTES})), step)
        noted.held(step, f"a header of {HEADER_BYTES} bytes arrived")
    except CallError as failure:
        raise StepEndedError(step, str(failure), held=False) from failure
    except TimeoutError as failure:
        raise StepEndedError(step, f"no answer within {timeout:g} s", held=None) from failure


def _judge(noted: Walk, answer: Answer) -> None:
    status = answer.headers.get(":status", "")
    if status in _NOTHING_BEHIND and "grpc-status" not in {**answer.headers, **answer.trailers}:
        raise StepEndedError("grpc", f"nothing behind it answers yet ({answer.told})", held=None)
    if status != "200" or not answer.headers.get("content-type", "").startswith("application/grpc"):
        raise StepEndedError("grpc", f"no gRPC answer came: {answer.told}", held=False)
    noted.held("grpc", "the health service answered")
    if "grpc-status" not in answer.trailers:
        raise StepEndedError("trailers", f"no trailers came: {answer.told}", held=False)
    _serving(answer, "trailers")
    noted.held("trailers", "grpc-status 0")


def _serving(answer: Answer, step: str) -> None:
    if answer.trailers.get("grpc-status") != "0" or not answer.serving:
        raise StepEndedError(step, f"the health service does not say SERVING: {answer.told}", held=False)


def _over_http1(host: str, port: int, ca: str, authority: str, timeout: float) -> Control:
    """HTTP/2 where both sides agreed upon HTTP/1.1 must fail, or the step `http2` proves nothing."""
    name = "HTTP/2 on a connection that agreed upon HTTP/1.1"
    try:
        with (
            closing(connected(Walk(), host, port, timeout=timeout)) as stream,
            closing(wrapped(Walk(), stream, verifying(ca, alpn=("http/1.1",)), host)) as secured,
        ):
            Http2Call(secured, authority).settle()
    except CallError as refusal:
        return Control(name=name, refused=True, said=str(refusal))
    except StepEndedError as end:
        refused = True if isinstance(end.__cause__, ssl.SSLError) else None
        return Control(name=name, refused=refused, said=end.said)
    except TimeoutError:
        return Control(name=name, refused=True, said="no answer")
    return Control(name=name, refused=False)
