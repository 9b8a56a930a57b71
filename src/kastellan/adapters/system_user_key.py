"""The RSA key pairs of system users, and the tokens that they sign.

ZITADEL verifies a system user's token with the public key that `SystemAPIUsers` names (`Path`): every release takes the
bare key; later ones also take an X.509 certificate, and refuse it after its last day
(internal/api/authz/system_token.go@12414b6a). So it is the bare key, which ends with its rotation only.
"""

import base64
import json
from collections.abc import Mapping
from datetime import datetime

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from kastellan.domain.secrets import SystemUserKey

_BITS = 2048


def make_system_user_key(name: str) -> SystemUserKey:
    """A new key pair for the system user `name`; `installation:keyGeneration` replaces it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return read_system_user_key(name, private.decode())


def read_system_user_key(name: str, private_key: str) -> SystemUserKey:
    """The key pair of the system user `name`, from its private key alone.

    Raises:
        ValueError: the private key is no RSA key.
    """
    public = _rsa_key(name, private_key).public_key()
    text = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return SystemUserKey(name=name, public_key=text.decode(), private_key=private_key)


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
    key = _rsa_key(user.name, user.private_key)
    signature = base64.urlsafe_b64encode(key.sign(text, padding.PKCS1v15(), hashes.SHA256())).rstrip(b"=")
    return (text + b"." + signature).decode()


def _rsa_key(name: str, private_key: str) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(private_key.encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError(f"the key of {name} is no RSA key")
    return key


def _part(content: Mapping[str, str | int]) -> bytes:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=")
