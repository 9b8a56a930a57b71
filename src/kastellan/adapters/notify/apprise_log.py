"""What apprise logs while it sends: kept for the reason of a failure, and out of everybody's log.

Apprise and the HTTP library below it log addresses with their tokens, and apprise whole messages.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_captured: ContextVar[list[str] | None] = ContextVar("captured", default=None)


class _Capture(logging.Filter):
    """Takes every record of this thread before any handler sees it; a handler of its own would only be one more."""

    def filter(self, record: logging.LogRecord) -> bool:
        lines = _captured.get()
        if lines is None:
            return True
        text = record.getMessage()
        # Other debug records hold the message and the server's answer, which may say anything.
        if record.name == "apprise" and (record.levelno >= logging.WARNING or text.startswith("Socket Exception")):
            lines.append(text)
        return False


_CAPTURE = _Capture()


@contextmanager
def captured() -> Iterator[list[str]]:
    """Collects the lines that tell why something failed; in this thread nothing of them reaches a handler."""
    apprise = logging.getLogger("apprise")
    for logger in (apprise, logging.getLogger("urllib3.connectionpool")):
        logger.addFilter(_CAPTURE)  # adding it again does nothing
    level = apprise.level
    apprise.setLevel(logging.DEBUG)  # the reason of a refused connection is a debug record
    lines: list[str] = []
    token = _captured.set(lines)
    try:
        yield lines
    finally:
        _captured.reset(token)
        apprise.setLevel(level)
