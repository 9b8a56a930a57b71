"""TLS-1, from this machine: the handshake as a strict client makes it, which fetches no certificate that is missing."""

from contextlib import closing

from kastellan.adapters.probe.steps import StepEndedError, Walk, connected, walked, wrapped
from kastellan.adapters.probe.tls import certificate_at, controls, sent_chain, summary, verifying
from kastellan.preflight.dialogue import Control
from kastellan.preflight.probe_facts import Certificate, Handshake

_SECONDS = 5.0


def collect_handshake(host: str, port: int, ca: str, *, timeout: float = _SECONDS) -> Handshake:
    """Shake hands, offering HTTP/2 and HTTP/1.1; then as two clients that must be turned away."""
    seen: list[Certificate] = []
    where: list[str] = []

    def walk(noted: Walk) -> None:
        with closing(connected(noted, host, port, timeout=timeout)) as stream:
            address = str(stream.getpeername()[0])
            where[:] = [address]
            try:
                secured = wrapped(noted, stream, verifying(ca, alpn=("h2", "http/1.1")), host)
            except StepEndedError as end:
                if end.held is False:
                    end.said += _what_was_sent(host, address, port, timeout, seen)
                raise
            with closing(secured):
                seen[:] = [summary(sent_chain(secured))]
                if secured.selected_alpn_protocol() != "h2":
                    said = (
                        f"the server chose {secured.selected_alpn_protocol() or 'nothing'}, offered were h2, http/1.1"
                    )
                    raise StepEndedError("alpn", said, held=False)
                noted.held("alpn", "h2")

    def refused() -> tuple[Control, ...]:
        return controls(host, where[0], port, ca, timeout=timeout)

    dialogue = walked(f"{host}:{port}", walk, refused)
    return Handshake(dialogue=dialogue, certificate=seen[0] if seen else None)


def _what_was_sent(host: str, address: str, port: int, timeout: float, seen: list[Certificate]) -> str:
    """Why it may not verify: a browser fetches a missing intermediate from elsewhere, a strict client does not."""
    try:
        chain = certificate_at(host, address, port, timeout=timeout)
    except OSError:
        return ""
    seen[:] = [summary(chain)]
    count = "1 certificate" if len(chain) == 1 else f"{len(chain)} certificates"
    return f"; the server sent {count}, the last one signed by {chain[-1].issuer}"
