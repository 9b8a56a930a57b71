"""What a credential's own term says where the API server does not accept it."""

import base64
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from kastellan.adapters.kubernetes.credential_term import CredentialTerm, term_of, unaccepted
from kastellan.adapters.kubernetes.translation import network_error
from kastellan.domain.errors import UnauthenticatedError, UntrustedError

_ENDS = datetime(2026, 11, 1, 12, tzinfo=UTC)
_TERM = CredentialTerm(what="the client certificate of sre", begins=_ENDS - timedelta(days=30), ends=_ENDS)
_REFUSED = UnauthenticatedError("asking /version was answered with HTTP 401", remediation="give another")


def _token(**claims: Any) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"Bearer e30.{body}.S3cretSignature"


def _of(token: str) -> CredentialTerm | None:
    return term_of(SimpleNamespace(cert_file=None, api_key={"authorization": token}))


@pytest.mark.parametrize(
    ("date", "says", "remediation"),
    [
        ("Tue, 24 Nov 2026 12:00:00 GMT", "ended on 2026-11-01T12:00:00Z, 23 days ago", "administrators of the clus"),
        ("Sun, 01 Nov 2026 17:00:00 GMT", "ended on 2026-11-01T12:00:00Z, 5 h ago", "administrators of the cluster"),
        ("Sun, 01 Nov 2026 12:09:00 GMT", "ended on 2026-11-01T12:00:00Z, 9 min ago", "administrators of the cluster"),
        ("Sat, 31 Oct 2026 12:00:00 GMT", "is valid until 2026-11-01T12:00:00Z, so that is not why", "give another"),
        ("Thu, 01 Oct 2026 12:00:00 GMT", "is valid from 2026-10-02T12:00:00Z on, and the API server's", "clock"),
        ("", "is valid until 2026-11-01T12:00:00Z", "give another"),
    ],
)
def test_the_clock_of_the_server_that_refuses_decides_whether_it_has_ended(
    date: str, says: str, remediation: str
) -> None:
    told = unaccepted(_REFUSED, _TERM, date)
    assert says in told.message
    assert remediation in told.remediation


def test_a_token_that_has_ended_is_told_by_its_subject_and_never_quoted() -> None:
    term = _of(_token(sub="system:serviceaccount:ops:kastellan", exp=_ENDS.timestamp()))
    told = unaccepted(_REFUSED, term, "Tue, 24 Nov 2026 12:00:00 GMT")
    assert "the token of system:serviceaccount:ops:kastellan ended on 2026-11-01T12:00:00Z" in told.message
    assert "S3cret" not in told.message


@pytest.mark.parametrize(
    "token", ["", "opaque", "Bearer a.b.c", _token(sub="s"), _token(exp="soon"), _token(exp=10**30), "a.W10.c"]
)
def test_what_tells_no_term_changes_nothing(token: str) -> None:
    assert _of(token) is None
    assert unaccepted(_REFUSED, None, "Tue, 24 Nov 2026 12:00:00 GMT") is _REFUSED


def test_a_file_that_is_no_certificate_tells_nothing(tmp_path: Any) -> None:
    (tmp_path / "cert").write_text("nonsense")
    assert term_of(SimpleNamespace(cert_file=str(tmp_path / "cert"), api_key={})) is None
    assert term_of(SimpleNamespace(cert_file=str(tmp_path / "gone"), api_key={})) is None


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (
            "[SSL: SSLV3_ALERT_CERTIFICATE_EXPIRED] ssl/tls alert certificate expired (_ssl.c:2580)",
            UnauthenticatedError,
        ),
        ("[SSL: TLSV1_ALERT_UNKNOWN_CA] tlsv1 alert unknown ca (_ssl.c:2580)", UnauthenticatedError),
        ("[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required", UnauthenticatedError),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired", UntrustedError),
    ],
)
def test_whose_certificate_is_refused_is_told_apart(said: str, error: type[Exception]) -> None:
    assert type(network_error("asking", "https://api", OSError(said))) is error
