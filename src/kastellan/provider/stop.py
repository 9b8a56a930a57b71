"""Ends the provider's waiting when Pulumi is interrupted, and the provider itself when its engine is gone."""

import os
import socket
import sys
import threading

from kastellan.adapters.system_clock import SystemClock
from kastellan.domain.errors import KastellanError

_ANSWER_SECONDS = 30.0
"""For a connection to the engine on this host; a machine may be busy."""


class StoppedError(KastellanError):
    """The engine asked to stop; what is under way on the cluster goes on, and the next `pulumi up` finds it."""


class StoppableClock(SystemClock):
    """A real clock whose `sleep` ends with StoppedError once `stop` was called."""

    def __init__(self) -> None:
        self._stopped = threading.Event()

    def stop(self) -> None:
        """End every present and future wait."""
        self._stopped.set()

    def sleep(self, seconds: float) -> None:
        """Wait, or raise StoppedError."""
        if self._stopped.wait(seconds):
            raise StoppedError("interrupted while waiting", remediation="run `pulumi up` again; it goes on from here")


def end_with_parent(engine: str, *, every_seconds: float = 0.5) -> None:
    """End this process when its parent, the engine, does; at once where it is gone already.

    A provider that outlives a killed engine would go on changing the cluster beside the next `pulumi up`. One whose
    engine was killed while it started would wait for ever, for it never knew another parent than who took it in.

    Args:
        engine: address that the engine gave, HOST:PORT; it is asked once the parent is known, so that no moment is left
            in which its end is missed.
        every_seconds: how often to look.

    Raises:
        SystemExit: nobody listens there.
    """
    parent = os.getppid()
    host, _, port = engine.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=_ANSWER_SECONDS).close()
    except (OSError, ValueError) as problem:
        sys.exit(f"the engine at {engine} that started this provider does not answer: {problem}")
    never = threading.Event()

    def watch() -> None:
        while os.getppid() == parent:
            never.wait(every_seconds)
        os._exit(1)

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()
