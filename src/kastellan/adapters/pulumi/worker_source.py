"""Starts children for operations without starting Python anew: a process that has imported all that they need forks.

Each child is a process in a session of its own, as if it had been started for itself (ADR 2); what it saves is the
import of Pulumi's SDK, which takes longer than most operations' answers. The source is one process for a calling
process. It has one thread, no connection and no secret; it ends with its caller, and its children do not end with it.

This module is also the source's program: `python -P -m kastellan.adapters.pulumi.worker_source FD`.
"""

import atexit
import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, Any

_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Child:
    """A child that was started.

    Attributes:
        pid: its process id, and that of its session.
        stdin: takes the request; its end means that the caller is gone.
        stdout: the child's answers.
    """

    pid: int
    stdin: IO[bytes]
    stdout: IO[bytes]


class WorkerSource:
    """The source of one calling process; started with the first child, or by `warm`, and again where it died."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()

    def warm(self) -> None:
        """Start it, and do not wait: it imports while the caller does something else."""
        with self._lock:
            self._started()

    def start(self, *, environment: Mapping[str, str], folder: str, errors: IO[bytes]) -> Child:
        """Start a child.

        Args:
            environment: the child's whole environment.
            folder: where it works.
            errors: takes its standard error.

        Raises:
            OSError: no source can be started.
        """
        request_read, request_write = os.pipe()
        answer_read, answer_write = os.pipe()
        request = {"start": {"environment": dict(environment), "folder": folder}}
        try:
            answer = self._asked(request, (request_read, answer_write, errors.fileno()))
        except BaseException:
            os.close(request_write)
            os.close(answer_read)
            raise
        finally:
            os.close(request_read)
            os.close(answer_write)
        return Child(answer["pid"], os.fdopen(request_write, "wb"), os.fdopen(answer_read, "rb"))

    def release(self, child: Child) -> None:
        """Forget a child that has ended; until then nobody else gets its process id."""
        with contextlib.suppress(BrokenPipeError):
            child.stdin.close()
        child.stdout.close()
        with self._lock, contextlib.suppress(OSError):
            if self._socket is not None:
                self._exchanged(self._socket, {"release": child.pid}, ())

    def close(self) -> None:
        """End it at once: it has nothing to put in order, and a Python that imported so much takes its time to end."""
        with self._lock:
            self._forget()

    def _asked(self, request: Mapping[str, Any], files: tuple[int, ...]) -> dict[str, int]:
        with self._lock:
            try:
                return self._exchanged(self._started(), request, files)
            except OSError:  # somebody killed it; nothing was started, or the child has lost its caller already
                self._forget()
                return self._exchanged(self._started(), request, files)

    def _exchanged(
        self, connection: socket.socket, request: Mapping[str, Any], files: tuple[int, ...]
    ) -> dict[str, int]:
        line = json.dumps(request).encode() + b"\n"
        sent = socket.send_fds(connection, [line], files)
        connection.sendall(line[sent:])
        answer, _ = _received(connection)
        if not answer:
            raise BrokenPipeError("the source of workers has ended")
        found: dict[str, int] = json.loads(answer)
        return found

    def _started(self) -> socket.socket:
        if self._socket is None:
            ours, its = socket.socketpair()
            with its:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", __name__, str(its.fileno())],
                    pass_fds=(its.fileno(),),
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,  # a Ctrl-C of the terminal is none of its business
                )
            self._socket = ours
        return self._socket

    def _forget(self) -> None:
        if self._socket is not None:
            self._socket.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = self._socket = None


SOURCE = WorkerSource()
"""That of this process."""
atexit.register(SOURCE.close)


def main() -> None:
    """Serve one caller until it is gone."""
    from kastellan.adapters.pulumi import worker

    released: set[int] = set()
    with socket.socket(fileno=int(sys.argv[1])) as connection:
        while True:
            line, files = _received(connection)
            if not line:
                return
            request = json.loads(line)
            answer = {}
            if "start" in request:
                answer["pid"] = _forked(connection, files, request["start"], worker.main)
            else:
                released.add(request["release"])
            for number in files:
                os.close(number)
            released = {pid for pid in released if not _is_reaped(pid)}
            connection.sendall(json.dumps(answer).encode() + b"\n")


def _received(connection: socket.socket) -> tuple[bytes, list[int]]:
    """One line and the files that came with it; nothing where the other end is gone."""
    try:
        line, files, _, _ = socket.recv_fds(connection, _CHUNK, 3)
        while line and not line.endswith(b"\n"):
            more = connection.recv(_CHUNK)
            line = line + more if more else b""
    except ConnectionError:
        return b"", []
    return line, files


def _forked(connection: socket.socket, files: list[int], start: Mapping[str, Any], act: Callable[[], None]) -> int:
    """Fork a child and wait until it has a session of its own: from then on a signal to the session reaches it."""
    ready, told = os.pipe()
    pid = os.fork()
    if pid:
        os.close(told)
        with os.fdopen(ready, "rb") as end:
            end.read()
        return pid
    code = 1
    try:
        os.setsid()
        for number, file in enumerate(files):
            os.dup2(file, number)
        connection.close()
        for number in (*files, ready):
            os.close(number)
        os.environ.clear()
        os.environ.update(start["environment"])
        os.chdir(start["folder"])
        os.close(told)
        act()
        code = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _is_reaped(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


if __name__ == "__main__":
    main()
