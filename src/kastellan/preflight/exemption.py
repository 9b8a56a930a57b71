"""Exceptions by name: a waiver accepts what is not met, an attestation states what cannot be seen from here."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """Somebody accepts that a requirement is not met.

    Attributes:
        check: id of the check.
        reason: why it is acceptable.
        approver: who accepts it.
        expires: last day on which it counts (UTC).
    """

    check: str
    reason: str
    approver: str
    expires: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """Somebody states what a check cannot see.

    Attributes:
        check: id of the check.
        statement: what is stated, in one sentence.
        by: who states it: a person and an organisation.
        stated: day of the statement.
        document: SHA-256 of the document that holds it, in hexadecimal.
        expires: last day on which it counts (UTC).
    """

    check: str
    statement: str
    by: str
    stated: date
    document: str
    expires: date


Exemption = Waiver | Attestation


def day_begins(day: date) -> datetime:
    """The first instant of a day, in UTC."""
    return datetime.combine(day, time(), tzinfo=UTC)
