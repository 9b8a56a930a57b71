"""How long the credential of a kubeconfig lasts, for an API server that does not accept it.

Whoever is told only that it is not accepted looks for a wrong user, where a certificate has merely ended.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from kastellan.domain.errors import UnauthenticatedError
from kastellan.domain.party import Party

_RENEW = (
    "let the administrators of the cluster, who issued this kubeconfig, issue a new one, and give that "
    "(--kubeconfig, or installation:cluster)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialTerm:
    """From when to when a credential is valid.

    Attributes:
        what: names it, without any secret, such as `the client certificate of sre`.
        begins: first instant (UTC); None where it does not say.
        ends: last instant (UTC).
    """

    what: str
    begins: datetime | None
    ends: datetime


def term_of(configuration: Any) -> CredentialTerm | None:
    """The term of what a client presents: its certificate, or a token that tells its own; None where nothing does.

    Args:
        configuration: of the official client.
    """
    if configuration.cert_file:
        return _of_certificate(Path(configuration.cert_file))
    token = str((configuration.api_key or {}).get("authorization", "")).removeprefix("Bearer ")
    return _of_token(token)


def unaccepted(problem: UnauthenticatedError, term: CredentialTerm | None, date: str) -> UnauthenticatedError:
    """The refusal, with what the credential's term has to do with it.

    Args:
        problem: the refusal.
        term: of the credential.
        date: of the answer, as in its header; it is the API server's clock that counts.
    """
    now = _instant(date)
    if term is None:
        return problem
    told = f"{term.what} is valid until {_text(term.ends)}"
    if now is None:
        return _told(problem, told, problem.remediation)
    if now > term.ends:
        return _told(problem, f"{term.what} ended on {_text(term.ends)}, {_lasted(now - term.ends)} ago", _RENEW)
    if term.begins and now < term.begins:
        when = f"{term.what} is valid from {_text(term.begins)} on, and the API server's clock says {_text(now)}"
        return _told(problem, when, "correct the clock of whoever issued it, or of the API server")
    return _told(problem, f"{told}, so that is not why", problem.remediation)


def _told(problem: UnauthenticatedError, what: str, remediation: str) -> UnauthenticatedError:
    return UnauthenticatedError(f"{problem.message}; {what}", owner=Party.CUSTOMER, remediation=remediation)


def _of_certificate(path: Path) -> CredentialTerm | None:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        return None
    users = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    whose = f" of {users[0].value!s}" if users else ""
    return CredentialTerm(
        what=f"the client certificate{whose}",
        begins=certificate.not_valid_before_utc,
        ends=certificate.not_valid_after_utc,
    )


def _of_token(token: str) -> CredentialTerm | None:
    """Of a JSON Web Token (RFC 7519, 4.1): only its times and its subject are looked at, and nothing is verified."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        begins, ends = claims.get("nbf"), datetime.fromtimestamp(float(claims["exp"]), UTC)
        first = datetime.fromtimestamp(float(begins), UTC) if begins is not None else None
    except (binascii.Error, ValueError, TypeError, LookupError, AttributeError, OverflowError, OSError):
        return None
    subject = claims.get("sub")
    return CredentialTerm(what=f"the token of {subject}" if subject else "the token", begins=first, ends=ends)


def _instant(date: str) -> datetime | None:
    try:
        return parsedate_to_datetime(date)
    except ValueError:
        return None


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _lasted(span: timedelta) -> str:
    hours = span // timedelta(hours=1)
    return (
        f"{span.days} days" if span.days > 1 else f"{hours} h" if hours > 1 else f"{span // timedelta(minutes=1)} min"
    )
