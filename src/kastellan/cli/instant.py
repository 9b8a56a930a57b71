"""An instant on the command line."""

from datetime import UTC, datetime

from kastellan.domain.errors import InvalidInputError


def parse_instant(text: str, option: str) -> datetime:
    """An instant (UTC) of RFC 3339.

    Args:
        text: what was written.
        option: where, for the message.

    Raises:
        InvalidInputError: it is none, or has no offset.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as cause:
        raise InvalidInputError(
            f"{option} {text!r} is no instant with an offset; write 2026-12-01T22:00:00+01:00"
        ) from cause
    if instant.tzinfo is None:
        raise InvalidInputError(f"{option} {text!r} has no offset; write 2026-12-01T22:00:00+01:00")
    return instant.astimezone(UTC)
