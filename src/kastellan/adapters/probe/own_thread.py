"""One run of probes for several groups of facts, in a thread that the interpreter waits for."""

import threading
from collections.abc import Callable, Mapping
from typing import Any


class OwnThread:
    """One run for all its groups: the first that asks runs it, the others wait; a failure is everybody's.

    It has a thread of its own that the interpreter waits for: whoever asks may be gone by then, interrupted or out of
    time, and the probes still have to be taken away.
    """

    def __init__(self, run: Callable[[], Mapping[str, Any]], *, name: str) -> None:
        self._run = run
        self._name = name
        self._lock = threading.Lock()
        self._groups: Mapping[str, Any] | None = None
        self._problem: Exception | None = None

    def group(self, name: str) -> Any:
        """One group of the run."""
        with self._lock:
            if self._groups is None and self._problem is None:
                thread = threading.Thread(target=self._go, name=self._name, daemon=False)
                thread.start()
                thread.join()
        if self._groups is None:
            raise self._problem or AssertionError("unreachable: a run that gave nothing raised")
        return self._groups[name]

    def _go(self) -> None:
        try:
            self._groups = self._run()
        except Exception as problem:  # raised again in the threads that asked
            self._problem = problem
