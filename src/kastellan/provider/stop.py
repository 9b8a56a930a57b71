"""Ends the provider's waiting when Pulumi is interrupted, and the provider itself when its engine is gone."""

import os
import threading

from kastellan.adapters.system_clock import SystemClock
from kastellan.domain.errors import KastellanError


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


def end_with_parent(*, every_seconds: float = 0.5) -> None:
    """End this process when its parent does.

    A provider that outlives a killed engine would go on changing the cluster beside the next `pulumi up`.
    """
    parent = os.getppid()
    never = threading.Event()

    def watch() -> None:
        while os.getppid() == parent:
            never.wait(every_seconds)
        os._exit(1)

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()
