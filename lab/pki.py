"""A certificate authority of a lab's own, so that everything in it verifies TLS as a customer's cluster would."""

import datetime
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_VALIDITY = datetime.timedelta(days=30)
_SKEW = datetime.timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A certificate and its private key, both PEM."""

    certificate: str
    private_key: str = field(repr=False)

    def write(self, folder: Path, name: str) -> tuple[Path, Path]:
        """Write `NAME.crt` and `NAME.key` (readable by the owner only) and return their paths."""
        certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
        certificate.write_text(self.certificate)
        key.touch(mode=0o600)
        key.write_text(self.private_key)
        return certificate, key


class Authority:
    """Issues server and client certificates that are valid for 30 days, unless asked for others."""

    def __init__(self, name: str = "kastellan lab", *, issuer: "Authority | None" = None) -> None:
        """Make a new authority with its own key; with an issuer, an intermediate one."""
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        usage = x509.KeyUsage(
            digital_signature=True,
            key_cert_sign=True,
            crl_sign=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        signer = issuer or self
        self._certificate = (
            signer._builder(self._name, self._key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0 if issuer else 1), critical=True)
            .add_extension(usage, critical=True)
            .sign(signer._key, hashes.SHA256())
        )

    @property
    def certificate(self) -> str:
        """The authority's own certificate, PEM."""
        return self._certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def private_key(self) -> str:
        """The authority's private key, PEM."""
        return private_pem(self._key)

    def server(
        self, names: Sequence[str], *, expired: bool = False, validity: datetime.timedelta = _VALIDITY
    ) -> Credential:
        """Issue for a server that answers under these names and addresses; `expired` makes one that ended yesterday."""
        alternatives: list[x509.GeneralName] = []
        for name in names:
            try:
                alternatives.append(x509.IPAddress(ipaddress.ip_address(name)))
            except ValueError:
                alternatives.append(x509.DNSName(name))
        return self._issue(
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])]),
            x509.SubjectAlternativeName(alternatives),
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]),
            expired=expired,
            validity=validity,
        )

    def client(self, user: str, groups: Sequence[str] = (), *, expired: bool = False) -> Credential:
        """Issue for a Kubernetes user: the common name is the user, each organisation a group; `expired` as above."""
        subject = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups]
        subject.append(x509.NameAttribute(NameOID.COMMON_NAME, user))
        return self._issue(
            x509.Name(subject), x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), expired=expired
        )

    def _issue(
        self,
        subject: x509.Name,
        *extensions: x509.ExtensionType,
        expired: bool = False,
        validity: datetime.timedelta = _VALIDITY,
    ) -> Credential:
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(subject, key, expired=expired, validity=validity)
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        return Credential(
            certificate=certificate.public_bytes(serialization.Encoding.PEM).decode(), private_key=private_pem(key)
        )

    def _builder(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        *,
        expired: bool = False,
        validity: datetime.timedelta = _VALIDITY,
    ) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        begin = now - validity if expired else now - _SKEW
        end = now - datetime.timedelta(days=1) if expired else now + validity
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(end)
        )


def private_pem(key: ec.EllipticCurvePrivateKey) -> str:
    """A private key as unencrypted SEC 1 PEM: the API server reads no PKCS#8 for service account keys."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ).decode()
