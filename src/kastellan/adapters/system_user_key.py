"""Makes the key pairs of system users: an RSA key and a self-signed X.509 certificate.

ZITADEL verifies a system user's token with the RSA public key of its certificate (`SystemAPIUsers`, `Path`); it does
not look at validity or issuer, but other tools do, so both are set.
"""

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
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
