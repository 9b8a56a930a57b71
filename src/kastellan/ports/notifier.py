"""The way out for messages: mail, chat, webhook, or a folder."""

from dataclasses import dataclass
from typing import Protocol

from kastellan.domain.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a channel said when it took a message. It has no time: whoever asked for the delivery has the clock.

    Attributes:
        reference: what the channel calls the message; empty where it gives none. Never a secret.
        confirms_delivery: the message is where its reader looks. False where it was handed to a server that passes it
            on and may fail later without telling us, as mail does.
    """

    reference: str = ""
    confirms_delivery: bool = False


class Notifier(Protocol):
    """Hands a message to its channel, once.

    One call is one attempt: nothing in it repeats, and how often and how long one tries is decided by the caller.
    Delivery is at least once: a call that was cut off, or that raised a temporary error, may have delivered, and
    repeating it may give a duplicate; where the channel can tell duplicates by `Message.key`, it gives none.

    Each wait for the other side ends after the adapter's timeout. The subject is sent as one line of at most 200
    characters: line breaks and control characters in it become spaces, so that they cannot add headers. The text is
    sent as it is.

    The address of a channel holds secrets (tokens, passwords). It is in no error, log record or `repr`; channels are
    called by their names.
    """

    def send(self, message: Message) -> Receipt:
        """Deliver a message to `message.channel`.

        Raises:
            UnreachableError, DeadlineExceededError, ThrottledError, ServerFaultError: temporary. Also where a channel
                does not say why it failed, so the caller has to bound the attempts.
            UnauthenticatedError, ForbiddenError, NotFoundError, UntrustedError, RejectedError: permanent; the channel's
                address or its server has to be corrected.
            InvalidInputError: there is no channel of that name.
        """
        ...
