"""Walks a probe step by step, as a person with a terminal would, and begins anew only where the transport failed."""

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field

from kastellan.preflight.dialogue import Control, Dialogue, Step

_ATTEMPTS = 3
"""Of the transport. What a server answers is never asked again in the hope of another answer."""


class StepEndedError(Exception):
    """A step did not hold; nothing after it is tried."""

    def __init__(self, name: str, said: str, *, held: bool | None, transport: bool = False) -> None:
        super().__init__(said)
        self.name, self.said, self.held, self.transport = name, said, held, transport


@dataclass(slots=True)
class Walk:
    """Collects the steps of one attempt."""

    steps: list[Step] = field(default_factory=list)

    def held(self, name: str, said: str = "") -> None:
        """Note a step that held."""
        self.steps.append(Step(name=name, held=True, said=said))


def walked(
    subject: str,
    walk: Callable[[Walk], None],
    controls: Callable[[], tuple[Control, ...]],
    *,
    attempts: int = _ATTEMPTS,
) -> Dialogue:
    """Walk to the end or to the first step that does not hold; then try the controls.

    Args:
        subject: what is probed.
        walk: notes each step that held and raises `StepEndedError` at the one that does not.
        controls: tried only after every step held: without a success there is nothing to control.
        attempts: at most.
    """
    for attempt in range(1, attempts + 1):
        noted = Walk()
        try:
            walk(noted)
        except StepEndedError as end:
            if end.transport and attempt < attempts:
                continue
            last = Step(name=end.name, held=end.held, said=end.said)
            return Dialogue(subject=subject, steps=(*noted.steps, last), attempts=attempt)
        return Dialogue(subject=subject, steps=tuple(noted.steps), controls=controls(), attempts=attempt)
    raise AssertionError("unreachable: the last attempt returns")


def connected(walk: Walk, host: str, port: int, *, timeout: float) -> socket.socket:
    """The steps `dns` and `tcp`, to the first address that takes the connection.

    Raises:
        StepEndedError: the name is unknown, or no address takes it. Neither says anything about the server.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as failure:
        raise StepEndedError("dns", f"{host} has no address here ({failure})", held=None, transport=True) from failure
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    walk.held("dns", ", ".join(addresses))
    problems = []
    for address in addresses:
        try:
            stream = socket.create_connection((address, port), timeout=timeout)
        except OSError as failure:
            problems.append(f"{address} port {port}: {failure}")
            continue
        walk.held("tcp", f"{address} port {port}")
        return stream
    raise StepEndedError("tcp", "; ".join(problems), held=None, transport=True)


def wrapped(
    walk: Walk, stream: socket.socket, context: ssl.SSLContext, host: str, *, step: str = "tls"
) -> ssl.SSLSocket:
    """The step `tls`.

    Raises:
        StepEndedError: not verified, which is the server's; or cut off, which says nothing.
    """
    try:
        secured = context.wrap_socket(stream, server_hostname=host)
    except ssl.SSLCertVerificationError as failure:
        raise StepEndedError(step, failure.verify_message, held=False) from failure
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError) as failure:
        raise StepEndedError(step, "cut off in the handshake", held=None, transport=True) from failure
    except ssl.SSLError as failure:
        raise StepEndedError(step, f"no TLS ({failure.reason or failure})", held=False) from failure
    except OSError as failure:
        raise StepEndedError(step, f"cut off in the handshake ({failure})", held=None, transport=True) from failure
    walk.held(step, secured.version() or "")
    return secured
