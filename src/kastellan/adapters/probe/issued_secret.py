"""Whether a Secret holds what a server needs: a key, a certificate for it and for the names, and the chain between."""

import base64
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from kastellan.adapters.probe.steps import StepEndedError, Walk
from kastellan.adapters.probe.tls import described, summary
from kastellan.domain.kubernetes_object import Manifest
from kastellan.preflight.probe_facts import Certificate


def issued_certificate(noted: Walk, secret: Manifest, wanted: Sequence[str], now: datetime) -> Certificate:
    """The steps `key`, `name` and `chain`; nothing of the key leaves this function.

    Args:
        noted: the walk.
        secret: of type `kubernetes.io/tls`, as cert-manager writes it.
        wanted: names that it has to be for.
        now: at which it has to be valid (UTC).

    Raises:
        StepEndedError: it is not as it should be.
    """
    chain, roots = _chain(secret, "tls.crt"), _chain(secret, "ca.crt")
    if not chain:
        raise StepEndedError("key", "its Secret holds no certificate (tls.crt)", held=False)
    own = chain[0]
    if _public_key(secret) != own.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo):
        raise StepEndedError("key", "its Secret's certificate is for another key than the one beside it", held=False)
    noted.held("key", "the certificate is for the key beside it")
    names = _names(own)
    if missing := [name for name in wanted if name not in names]:
        said = f"it is for {', '.join(names) or 'no name'}, not for {', '.join(missing)}"
        raise StepEndedError("name", said, held=False)
    if own.not_valid_after_utc <= now:
        raise StepEndedError("name", f"it was valid until {own.not_valid_after_utc:%Y-%m-%d %H:%M} UTC", held=False)
    noted.held("name", ", ".join(wanted))
    _expect_chain(chain, roots)
    noted.held("chain", f"{len(chain)} in the chain")
    return summary([described(one) for one in chain])


def _expect_chain(chain: Sequence[x509.Certificate], roots: Sequence[x509.Certificate]) -> None:
    """Each is signed by the next one; the last one by an authority in `ca.crt`, or is it, where there is any."""
    for one, above in pairwise(chain):
        if not _signed(one, above):
            raise StepEndedError("chain", f"{_name(one)} is not signed by {_name(above)}, which follows it", held=False)
    last = chain[-1]
    if roots and last not in roots and not any(_signed(last, root) for root in roots):
        raise StepEndedError("chain", f"{_name(last)} is not signed by the authority in ca.crt", held=False)


def _signed(one: x509.Certificate, above: x509.Certificate) -> bool:
    try:
        one.verify_directly_issued_by(above)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _chain(secret: Manifest, name: str) -> list[x509.Certificate]:
    content = _content(secret, name)
    try:
        return x509.load_pem_x509_certificates(content) if content.strip() else []
    except ValueError as cause:
        raise StepEndedError("key", f"its Secret's {name} holds no certificates", held=False) from cause


def _public_key(secret: Manifest) -> bytes:
    try:
        key = load_pem_private_key(_content(secret, "tls.key"), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as cause:
        raise StepEndedError("key", "its Secret holds no key that can be read (tls.key)", held=False) from cause
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _content(secret: Manifest, name: str) -> bytes:
    try:
        return base64.b64decode((secret.get("data") or {}).get(name, ""), validate=True)
    except ValueError as cause:
        raise StepEndedError("key", f"its Secret's {name} is no base64", held=False) from cause


def _names(own: x509.Certificate) -> list[str]:
    try:
        alternative = own.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    return alternative.value.get_values_for_type(x509.DNSName)


def _name(one: x509.Certificate) -> str:
    return one.subject.rfc4514_string() or f"serial {one.serial_number:x}"
