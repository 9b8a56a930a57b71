"""The key pairs of system users, an RSA key and a self-signed X.509 certificate, and the tokens that they sign.

ZITADEL verifies a system user's token with the public key of its certificate (`SystemAPIUsers`, `Path`). It refuses a
certificate before and after its validity and trusts no authority (internal/api/authz/system_token.go@12414b6a).
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


def bearer_token(user: SystemUserKey, audience: str, now: datetime, **claims: str | int) -> str:
    """The token by which a system user calls the API: a JWT that it signs for itself.

    No endpoint gives a token to a system user: the server verifies this one with the public key of `SystemAPIUsers`
    (zitadel/zitadel internal/api/authz/system_token.go@12414b6a): RS256, issuer and subject its name, audience the
    installation, issued within the last hour. Same claims as `newSystemToken` of ZITADEL's own client.

    Args:
        user: with its private key.
        audience: the installation's issuer, such as `https://id.customer.example`.
        now: the instant (UTC); the token is good for an hour.
        claims: to be put in place of these, by who wants to see them refused.

    Raises:
        ValueError: the private key is no RSA key.
    """
    issued = int(now.timestamp())
    usual: dict[str, str | int] = {
        "iss": user.name,
        "sub": user.name,
        "aud": audience,
        "iat": issued,
        "exp": issued + 3600,
    }
    text = _part({"alg": "RS256"}) + b"." + _part(usual | claims)
    key = serialization.load_pem_private_key(user.private_key.encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError(f"the key of {user.name} is no RSA key")
    signature = base64.urlsafe_b64encode(key.sign(text, padding.PKCS1v15(), hashes.SHA256())).rstrip(b"=")
    return (text + b"." + signature).decode()


def _part(content: Mapping[str, str | int]) -> bytes:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=")
