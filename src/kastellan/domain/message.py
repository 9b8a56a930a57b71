"""A notice on its way to somebody: queued in the transaction that records why, delivered later, never lost."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DeliveryState(StrEnum):
    """How far a message has come."""

    QUEUED = "queued"
    SENDING = "sending"
    """A delivery began and nobody knows how it ended; it is begun again, which may give a duplicate."""
    DELIVERED = "delivered"
    """The channel's server took it; whether a person read it, no channel says."""
    FAILED = "failed"
    """Given up after the last attempt; a person has to act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message for one channel.

    Attributes:
        key: unique in the installation; queueing a key again does nothing.
        channel: name of a channel of the installation's contract, such as `operations`.
        subject: one line.
        text: plain text.
    """

    key: str
    channel: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A message and what became of it so far.

    Attributes:
        installation: whose message it is.
        message: what is sent.
        queued_at: when it was queued (UTC).
        state: how far it has come.
        attempts: deliveries that were begun.
        not_before: earliest instant of the next attempt (UTC).
    """

    installation: str
    message: Message
    queued_at: datetime
    state: DeliveryState
    attempts: int
    not_before: datetime
