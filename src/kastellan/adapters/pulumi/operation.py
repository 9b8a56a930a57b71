"""Runs one operation in a child process of its own session, and ends it whatever happens.

The order of an end is always the same: one SIGINT to the engine, which then finishes or breaks off the resource that it
works on, writes its state and takes its lock away; after the grace SIGKILL to the whole session.
"""

import contextlib
import json
import os
import queue
import signal
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, Any

from kastellan.adapters.pulumi.processes import birth, kill_session
from kastellan.adapters.pulumi.worker_source import SOURCE, Child
from kastellan.ports.clock import Clock

OWNER_VARIABLE = "KASTELLAN_OPERATION_OWNER"
"""In the environment of everything that an operation starts: process id and birth of the process that called for it."""
_POLL_SECONDS = 0.2
_END = None
"""Closes the queue of lines."""

Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How an operation ended.

    Attributes:
        code: exit code of the engine's command, negative where a signal ended it; None where none was started.
        result: what the operation answers.
        said: what the command wrote to standard error; of the child itself, where that died.
        stopped: it was asked to stop.
        killed: it had to be killed, or the child died.
    """

    code: int | None
    result: Any
    said: str
    stopped: bool
    killed: bool


class Operation:
    """One operation, run once.

    Args:
        request: what the child is to do; see `worker`.
        environment: of the child and of all that it starts.
        grace_seconds: between the request to stop and the kill.
        clock: tells when the deadline has come.
    """

    def __init__(self, request: Message, *, environment: Mapping[str, str], grace_seconds: float, clock: Clock) -> None:
        self._request = {**request, "grace_seconds": grace_seconds}
        self._environment = {**environment, OWNER_VARIABLE: f"{os.getpid()}:{birth(os.getpid())}"}
        self._grace = grace_seconds
        self._clock = clock
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._stop_asked: float | None = None
        self._ready = False
        self._killed = False
        self._over = False
        self._last: Message | None = None

    def run(self, on_message: Callable[[Message], None], *, deadline: float, should_stop: Callable[[], bool]) -> Ended:
        """Run it to its end.

        Args:
            on_message: is told every message of the child but the last.
            deadline: reading of the clock's `monotonic` at which it is asked to stop.
            should_stop: asked several times a second.

        Raises:
            Exception: what `on_message` and `should_stop` raise, after the operation was ended.
        """
        if self._clock.monotonic() >= deadline or should_stop():
            return Ended(code=None, result=None, said="", stopped=True, killed=False)
        with tempfile.TemporaryFile() as errors:
            child = SOURCE.start(environment=self._environment, folder=self._request["project"], errors=errors)
            reader = threading.Thread(target=self._read, args=(child.stdout,))
            reader.start()
            try:
                self._begin(child)
                self._follow(child, on_message, deadline=deadline, should_stop=should_stop)
            except BaseException:
                self._end_early(child)
                raise
            finally:
                kill_session(child.pid)  # nothing outlives it, whatever happened
                reader.join()
                SOURCE.release(child)
            return self._ended(errors)

    def _begin(self, child: Child) -> None:
        with contextlib.suppress(BrokenPipeError):  # it died; what it left on standard error says why
            child.stdin.write(json.dumps(self._request).encode() + b"\n")
            child.stdin.flush()  # and stays open: its end would mean that we are gone

    def _read(self, stdout: IO[bytes]) -> None:
        for line in stdout:
            self._lines.put(line)
        self._lines.put(_END)

    def _follow(
        self,
        child: Child,
        on_message: Callable[[Message], None],
        *,
        deadline: float,
        should_stop: Callable[[], bool],
    ) -> None:
        while not self._over:
            if self._stop_asked is None and (self._clock.monotonic() >= deadline or should_stop()):
                self._ask_to_stop(child)
            if self._stop_asked is not None and self._clock.monotonic() >= self._stop_asked + self._grace:
                self._kill(child)
            try:
                line = self._lines.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                continue
            if line is _END:
                self._over = True
                return
            message = json.loads(line)
            match message["kind"]:
                case "ready":
                    self._ready = True
                    if self._stop_asked is not None:
                        self._interrupt(child)
                case "end":  # the engine has ended; the child needs a second more for nothing
                    self._last = message
                    self._over = True
                case _:
                    on_message(message)

    def _end_early(self, child: Child) -> None:
        """End it because of an exception, which goes on afterwards; a second one (Ctrl-C again) kills at once."""
        if self._stop_asked is None:
            self._ask_to_stop(child)
        self._follow(child, lambda _: None, deadline=float("inf"), should_stop=lambda: False)

    def _ask_to_stop(self, child: Child) -> None:
        self._stop_asked = self._clock.monotonic()
        if self._ready:  # before, the signal would meet a Python that starts
            self._interrupt(child)

    def _interrupt(self, child: Child) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGINT)

    def _kill(self, child: Child) -> None:
        self._killed = True
        kill_session(child.pid)

    def _ended(self, errors: IO[bytes]) -> Ended:
        stopped = self._stop_asked is not None
        if self._last is None:
            return Ended(code=None, result=None, said=_last_line(errors), stopped=stopped, killed=True)
        code = self._last["code"]
        died = code is not None and code < 0
        return Ended(
            code=code,
            result=self._last.get("result"),
            said=self._last.get("said", ""),
            stopped=stopped,
            killed=self._killed or died,
        )


def _last_line(errors: IO[bytes]) -> str:
    errors.seek(0)
    lines = errors.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else ""
