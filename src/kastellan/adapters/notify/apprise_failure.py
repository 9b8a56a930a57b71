"""From what apprise logged to an error of ours. Apprise itself says only that it failed.

Only numbers are taken from the text, and whether certain words are in it: the rest holds addresses, and therefore
secrets.
"""

import re
from collections.abc import Sequence
from http import HTTPStatus

from kastellan.domain.errors import (
    DeadlineExceededError,
    ForbiddenError,
    KastellanError,
    NotFoundError,
    RejectedError,
    ServerFaultError,
    TemporaryError,
    ThrottledError,
    UnauthenticatedError,
    UnreachableError,
    UntrustedError,
)

_HTTP = re.compile(r"\berror=(\d{3})\b")
_SMTP = re.compile(r"(?:\(|refused: )([45]\d\d)\b")
_ADDRESS = "correct the secret in the channel's address"
_WORDS: tuple[tuple[re.Pattern[str], type[KastellanError], str, str], ...] = (
    (
        re.compile("certificate.verify.failed|hostname mismatch", re.I),
        UntrustedError,
        "the certificate of its server is not trusted",
        "correct the server's certificate, or trust its authority on this machine",
    ),
    (re.compile("timed out|timeout", re.I), DeadlineExceededError, "its server did not answer in time", ""),
    (
        re.compile("connection|connect|resolve|name or service|disconnected|unreachable|no route", re.I),
        UnreachableError,
        "its server cannot be reached",
        "",
    ),
)


def failure(channel: str, lines: Sequence[str]) -> KastellanError:
    """Why a message was not taken; temporary where nobody knows, and where part of several answers was.

    Args:
        channel: its name.
        lines: what apprise logged, warnings and exceptions.
    """
    text = "\n".join(lines)
    statuses = [int(code) for code in _HTTP.findall(text)]
    codes = [int(code) for code in _SMTP.findall(text)]
    answers = [_of_status(channel, status) for status in statuses] or [_of_mail(channel, code) for code in codes]
    if answers:
        return next((answer for answer in answers if isinstance(answer, TemporaryError)), answers[0])
    for words, kind, message, remediation in _WORDS:
        if words.search(text):
            return kind(_told(channel, message), remediation=remediation)
    return ServerFaultError(_told(channel, "apprise gave no reason"))


def _of_status(channel: str, status: int) -> KastellanError:
    message = _told(channel, f"its server answered with status {status}")
    match status:
        case HTTPStatus.UNAUTHORIZED:
            return UnauthenticatedError(message, remediation=_ADDRESS)
        case HTTPStatus.FORBIDDEN:
            return ForbiddenError(message, remediation=_ADDRESS)
        case HTTPStatus.NOT_FOUND | HTTPStatus.GONE:
            return NotFoundError(message, remediation="correct the channel's address")
        case HTTPStatus.REQUEST_TIMEOUT | HTTPStatus.GATEWAY_TIMEOUT:
            return DeadlineExceededError(message)
        case HTTPStatus.TOO_MANY_REQUESTS:
            return ThrottledError(message)
        case _ if 300 <= status < 400:
            return RejectedError(message, remediation="write the address that it redirects to")
        case _ if 400 <= status < 500:
            return RejectedError(message, remediation="correct the channel's address, or ask whoever runs its server")
        case _:
            return ServerFaultError(message)


def _of_mail(channel: str, code: int) -> KastellanError:
    """Of a reply code of SMTP: 4xx is transient, 5xx permanent (RFC 5321, section 4.2.1)."""
    message = _told(channel, f"its mail server answered with code {code}")
    match code:
        case 530 | 534 | 535 | 538:  # RFC 4954, section 6
            return UnauthenticatedError(message, remediation=_ADDRESS)
        case _ if code >= 500:
            return RejectedError(message, remediation="correct sender and recipients, or ask whoever runs the server")
        case _:
            return ServerFaultError(message)


def _told(channel: str, message: str) -> str:
    return f"channel {channel}: the message was not taken: {message}"
