"""From what the API server and the network answer to the error tree of kastellan.

Sources: API conventions, section "Response Status Kind"; server-side apply, section "Conflicts" (kubernetes.io).
Messages about a Secret are cut to field names, because validation quotes values.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

import urllib3.exceptions as network

from kastellan.domain.errors import (
    ConflictError,
    DeadlineExceededError,
    ForbiddenError,
    ForeignOwnerError,
    KastellanError,
    NotFoundError,
    RejectedError,
    ServerFaultError,
    ThrottledError,
    UnauthenticatedError,
    UnreachableError,
    UntrustedError,
)
from kastellan.domain.party import Party

_LONGEST_MESSAGE = 600
_NAME = r'"[\w.:@/-]*"'
_ALERT = re.compile(r"\balert ((?:bad |no |unknown |unsupported )?(?:certificate|ca)[\w ]*)", re.IGNORECASE)
"""An alert about a certificate comes from the other side, about ours (RFC 8446, 6.2)."""
_MISSING_RIGHT = re.compile(
    rf"User {_NAME} cannot \w+ resource {_NAME} in API group {_NAME}( in the namespace {_NAME}| at the cluster scope)"
)


def answer_error(
    doing: str, status: int, headers: Mapping[str, str], body: bytes, *, confidential: bool
) -> KastellanError:
    """The error for an answer that is no success.

    Args:
        doing: operation and object, such as `applying Deployment zitadel/zitadel`.
        status: HTTP status.
        headers: of the answer.
        body: of the answer; a `Status` object as a rule.
        confidential: whether the request carried secrets, so that nothing of the answer's prose may be shown.
    """
    answer = _status_object(body)
    reason = str(answer.get("reason", ""))
    told = str(answer.get("message", ""))[:_LONGEST_MESSAGE]
    said = (_right_only(told) or _fields_only(answer)) if confidential else told
    message = f"{doing} was answered with HTTP {status}" + (f": {said}" if said else "")
    match status:
        case 401:
            return UnauthenticatedError(
                message,
                owner=Party.CUSTOMER,
                remediation="give a kubeconfig whose credential is valid; this one is expired or not accepted",
            )
        case 403 if 'forbidden: User "' in str(answer.get("message", "")):  # of an object, or of a path
            return ForbiddenError(
                message, owner=Party.CUSTOMER, remediation="grant this right to kastellan's identity (check RBAC-1)"
            )
        case 404 | 405:
            return NotFoundError(message, remediation="check the name, and that the cluster serves this API")
        case 409 if conflicts := _field_conflicts(answer):
            whom = ", ".join(f"{manager} manages {path}" for manager, path in conflicts)
            return ForeignOwnerError(
                f"{doing} would take fields from somebody else: {whom}",
                conflicts=conflicts,
                remediation="find out why it was changed (DI-6), then undo it or set installation:onDrift to revert",
            )
        case 409 | 410:
            return ConflictError(message, remediation="look again and repeat")
        case 429:
            return ThrottledError(message, retry_after=_seconds(headers.get("Retry-After", "")))
        case _ if status >= 500:
            return ServerFaultError(message, owner=Party.CUSTOMER, remediation="look at the cluster's control plane")
        case _:
            return RejectedError(
                f"{message} ({reason})" if reason and not said else message,
                owner=Party.CUSTOMER if status == 403 else Party.VENDOR,
                remediation="let the cluster's quota or admission policy allow it"
                if status == 403
                else "correct the object",
            )


def network_error(doing: str, server: str, cause: BaseException) -> KastellanError:
    """The error for a request that got no answer; `cause` is what urllib3 or the websocket client raised."""
    root = cause.reason if isinstance(cause, network.MaxRetryError) and cause.reason else cause
    text = " ".join(str(root).split())
    if refusal := _ALERT.search(text):
        return UnauthenticatedError(
            f"{doing}: {server} refuses our side of TLS ({refusal[1].lower()})",
            owner=Party.CUSTOMER,
            remediation="give a kubeconfig whose client certificate is valid, and issued for this API server",
        )
    if isinstance(root, network.SSLError) or "CERTIFICATE_VERIFY_FAILED" in text:
        return UntrustedError(
            f"{doing}: the TLS certificate of {server} does not verify: {_tls_reason(text)}",
            owner=Party.CUSTOMER,
            remediation="correct certificate-authority-data or server in the kubeconfig; verification stays on",
        )
    if isinstance(root, network.TimeoutError | TimeoutError) and not isinstance(root, network.ConnectTimeoutError):
        return DeadlineExceededError(f"{doing}: {server} did not answer in time")
    return UnreachableError(
        f"{doing}: {server} cannot be reached ({_network_reason(text)})",
        owner=Party.CUSTOMER,
        remediation="check that the address in the kubeconfig is right and open from here",
    )


def _status_object(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _causes(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [*((answer.get("details") or {}).get("causes") or ())]


def _field_conflicts(answer: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (cause["message"].partition('"')[2].partition('"')[0], cause.get("field", ""))
        for cause in _causes(answer)
        if cause.get("reason") == "FieldManagerConflict"
    )


def _right_only(message: str) -> str:
    """The authoriser's words about a missing right: names and verbs, and nothing of the object; empty for others."""
    found = _MISSING_RIGHT.search(message)
    return found[0] if found else ""


def _fields_only(answer: Mapping[str, Any]) -> str:
    named = [f"{cause.get('field', '')} ({cause.get('reason', '')})" for cause in _causes(answer)]
    return ", ".join([str(answer.get("reason", "")), *named]).strip(", ")


def _seconds(text: str) -> float:
    return float(text) if text.isdecimal() else 0.0


def _tls_reason(text: str) -> str:
    return text.partition("certificate verify failed: ")[2].partition(" (_ssl")[0] or text[:200]


def _network_reason(text: str) -> str:
    known = ("Connection refused", "No route to host", "Name or service not known", "timed out", "Connection reset")
    return next((reason.lower() for reason in known if reason in text), text[:200])
