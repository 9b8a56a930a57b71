"""TLS contexts of the probes: always verified; and what a server's certificate says when it does not verify."""

import socket
import ssl
from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

from kastellan.adapters.foreign_authority import foreign_authority
from kastellan.preflight.dialogue import Control
from kastellan.preflight.probe_facts import Certificate

UNRELATED = "kastellan-control.invalid"
"""A name that no certificate may hold (RFC 6761, 6.4)."""


def verifying(ca: str = "", *, alpn: Sequence[str] = ()) -> ssl.SSLContext:
    """A context that verifies chain and name with these authorities (PEM) or the public roots; TLS 1.2 or newer."""
    context = ssl.create_default_context(cadata=ca or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if alpn:
        context.set_alpn_protocols(list(alpn))
    return context


def certificate_at(host: str, address: str, port: int, *, timeout: float) -> tuple[Certificate, ...]:
    """What a server sends, whether it verifies or not: for telling what is wrong, never for trusting it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection((address, port), timeout=timeout) as stream,
        context.wrap_socket(stream, server_hostname=host) as secured,
    ):
        return sent_chain(secured)


def sent_chain(secured: ssl.SSLSocket) -> tuple[Certificate, ...]:
    """The certificates that the server sent, its own first."""
    chain = [described(x509.load_der_x509_certificate(der)) for der in _chain(secured)]
    return tuple(chain)


def summary(chain: Sequence[Certificate]) -> Certificate:
    """The server's certificate, ending when the first of the chain ends."""
    own = chain[0]
    return Certificate(ends=min(one.ends for one in chain), key=own.key, issuer=own.issuer, chain=len(chain))


def described(parsed: x509.Certificate) -> Certificate:
    """One certificate, as a fact."""
    return Certificate(
        ends=parsed.not_valid_after_utc, key=_key(parsed), issuer=parsed.issuer.rfc4514_string(), chain=1
    )


def controls(host: str, address: str, port: int, ca: str, *, timeout: float) -> tuple[Control, ...]:
    """A client that trusts another authority, and one that expects another name, must both refuse this server."""
    return (
        _control("a foreign authority", verifying(foreign_authority()), host, address, port, timeout),
        _control("another host name", verifying(ca), UNRELATED, address, port, timeout, any_end=True),
    )


def _control(
    name: str, context: ssl.SSLContext, host: str, address: str, port: int, timeout: float, *, any_end: bool = False
) -> Control:
    """`any_end`: a server that ends the handshake refuses as well, as strict ones do for a name that is not theirs."""
    try:
        stream = socket.create_connection((address, port), timeout=timeout)
    except OSError as failure:
        return Control(name=name, refused=None, said=str(failure))
    with stream:
        try:
            context.wrap_socket(stream, server_hostname=host).close()
        except ssl.SSLCertVerificationError as refusal:
            return Control(name=name, refused=True, said=refusal.verify_message)
        except OSError as failure:
            return Control(name=name, refused=True if any_end else None, said=str(failure))
    return Control(name=name, refused=False)


def _chain(secured: ssl.SSLSocket) -> list[bytes]:
    """Public from Python 3.13 on; before, the same call is on the object inside."""
    public = getattr(secured, "get_unverified_chain", None)
    if public is not None:
        return [bytes(der) for der in public()]
    inner = getattr(secured, "_sslobj")  # noqa: B009 - not in the type stubs
    return [ssl.PEM_cert_to_DER_cert(one.public_bytes()) for one in inner.get_unverified_chain()]


def _key(certificate: x509.Certificate) -> str:
    match certificate.public_key():
        case rsa.RSAPublicKey() as key:
            return f"RSA {key.key_size}"
        case ec.EllipticCurvePublicKey() as key:
            return f"EC {key.key_size}"
        case ed25519.Ed25519PublicKey() | ed448.Ed448PublicKey():
            return "EdDSA"
        case other:
            return type(other).__name__
