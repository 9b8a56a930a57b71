"""Progress on standard error: a changing line for a person, plain lines for a pipeline; standard output stays clean."""

import sys
import time
from types import TracebackType

_PLAIN_SECONDS = 2.0
"""Shortest time between two plain lines: a run that is over sooner needs none."""


class ConsoleProgress:
    """Implements `ports.progress.Progress`; a context manager that clears its line."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._last = time.monotonic()

    def report(self, step: str, text: str, *, done: int = 0, total: int = 0) -> None:
        """See the port."""
        counted = f" {done}/{total}" if total else ""
        line = f"{step}{counted}: {text}"
        if self._live:
            sys.stderr.write(f"\r\x1b[K{line[:118]}")
            sys.stderr.flush()
        elif time.monotonic() - self._last >= _PLAIN_SECONDS:
            self._last = time.monotonic()
            sys.stderr.write(f"{line}\n")

    def __enter__(self) -> "ConsoleProgress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
