"""Makes the key pairs of system users: an RSA key and a self-signed X.509 certificate.

ZITADEL verifies a system user's token with the RSA public key of its certificate (`SystemAPIUsers`, `Path`); it does
not look at validity or issuer, but other tools do, so both are set.
"""

import base64
import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from kastellan.domain.secrets import SystemUserKey

_BITS = 2048
_VALID = timedelta(days=3650)
"""Rotation is by `installation:keyGeneration`, not by expiry."""


def make_system_user_key(name: str, now: datetime) -> SystemUserKey:
    """A new key pair for the system user `name`, valid from `now` (aware)."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + _VALID)
        .sign(key, hashes.SHA256())
    )
    return SystemUserKey(
        name=name,
        certificate=certificate.public_bytes(serialization.Encoding.PEM).decode(),
        private_key=key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode(),
    )


def signed_in(user: SystemUserKey, audience: str, now: datetime) -> dict[str, str]:
    """The form by which a system user asks for a token: a JWT of its own (RFC 7523), good for ten minutes.

    Args:
        user: with its private key.
        audience: the installation's issuer, such as `https://id.customer.example`.
        now: the instant (UTC).

    Raises:
        ValueError: the private key is no RSA key.
    """
    issued = int(now.timestamp())
    claims: dict[str, str | int] = {
        "iss": user.name,
        "sub": user.name,
        "aud": audience,
        "iat": issued,
        "exp": issued + 600,
    }
    text = _part({"alg": "RS256"}) + b"." + _part(claims)
    key = serialization.load_pem_private_key(user.private_key.encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError(f"the key of {user.name} is no RSA key")
    signature = base64.urlsafe_b64encode(key.sign(text, padding.PKCS1v15(), hashes.SHA256())).rstrip(b"=")
    return {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "scope": "openid",
        "assertion": (text + b"." + signature).decode(),
    }


def _part(content: Mapping[str, str | int]) -> bytes:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=")
