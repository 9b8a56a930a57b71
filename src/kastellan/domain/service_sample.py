"""What a probe of a running installation saw: one question, asked once, at one place (SL-1)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Question(StrEnum):
    """What is asked of an installation; together they touch the server, its keys, the database and the login."""

    READINESS = "readiness"
    """The server reaches its database (`/debug/ready`)."""
    DISCOVERY = "discovery"
    """OpenID Connect discovery names this installation as issuer."""
    KEYS = "keys"
    """At least one key is there to verify tokens with (JWKS)."""
    SYSTEM_USER = "system-user"
    """The operator's system user reads a policy with a token that it signed, which needs keys, database and rights."""
    LOGIN = "login"
    """The login application serves its page."""
    EDGE = "edge"
    """An edge of kastellan's own takes requests; asked only where the installation has one."""
    NAMES = "names"
    """Every further host name is the same installation; asked only outside, and only where there are any."""


class Seen(StrEnum):
    """What came of asking."""

    GOOD = "good"
    WRONG = "wrong"
    """An answer, but not the right one."""
    NOTHING = "nothing"
    """The installation gave no answer."""
    UNKNOWN = "unknown"
    """The way to it broke on our side of it, so nothing is known about the installation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One question, asked once.

    Attributes:
        place: zone of the pod that was asked, or `OUTSIDE`.
        question: what was asked.
        seen: what came of it.
        seconds: until the whole answer was there, or was given up.
        status: HTTP status; 0 where there was no answer.
        detail: why it is not good, in one line; no secrets.
    """

    place: str
    question: Question
    seen: Seen
    seconds: float
    status: int = 0
    detail: str = ""


OUTSIDE = "outside"
"""Place of what is asked by the installation's external name, as its users do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Everything that was asked at one time.

    Attributes:
        at: when it began (UTC).
        samples: answers.
        zones: zones in which ready pods of every component stand; None where that could not be found out.
        old_pods: names of pods that are not of the release that was brought; None likewise.
    """

    at: datetime
    samples: tuple[Sample, ...]
    zones: tuple[str, ...] | None
    old_pods: tuple[str, ...] | None
