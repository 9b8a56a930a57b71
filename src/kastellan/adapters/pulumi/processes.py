"""Processes of this host: whether one still runs, who started it, and how a whole session is ended.

Pulumi gives each plugin a process group of its own, so that only the session holds everything that an operation
started. Read from /proc; where there is none, a process counts as alive as long as its id is taken, which is the
careful answer.
"""

import contextlib
import os
import signal
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

_PROC = Path("/proc")
_ENGINE = "pulumi"
_END_SECONDS = 5.0


def is_alive(process: int) -> bool:
    """Whether a process id is taken, by a process that is no zombie."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return _state(process) != "Z"


def is_engine(process: int) -> bool:
    """Whether a living process may be Pulumi's engine; True where that cannot be told."""
    try:
        return is_alive(process) and (_PROC / str(process) / "comm").read_text().strip() == _ENGINE
    except OSError:
        return is_alive(process)


def birth(process: int) -> str:
    """What tells a process from a later one of the same id: its start in clock ticks since boot; empty if unknown."""
    fields = _stat(process)
    return fields[19] if fields else ""


def environment(process: int) -> Mapping[str, str]:
    """Environment with which a process was started; empty where it may not be read."""
    try:
        entries = (_PROC / str(process) / "environ").read_bytes().split(b"\0")
    except OSError:
        return {}
    pairs = (entry.decode(errors="replace").partition("=") for entry in entries if b"=" in entry)
    return {name: value for name, _, value in pairs}


def kill_session(session: int) -> None:
    """SIGKILL every process of a session, also those that are being started meanwhile; may be repeated."""
    deadline = time.monotonic() + _END_SECONDS
    while True:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(session, signal.SIGKILL)
        alive = [process for process in _members(session) if is_alive(process)]
        for process in alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        if not alive or time.monotonic() > deadline:
            return
        time.sleep(0.02)


def session_of(process: int) -> int | None:
    """The session of a living process."""
    try:
        return os.getsid(process)
    except ProcessLookupError:
        return None


def _members(session: int) -> Iterator[int]:
    for entry in _PROC.glob("[0-9]*"):
        fields = _stat(int(entry.name))
        if fields and fields[3] == str(session):
            yield int(entry.name)


def _state(process: int) -> str:
    fields = _stat(process)
    return fields[0] if fields else ""


def _stat(process: int) -> list[str]:
    """Fields of /proc/PID/stat from the state on (proc(5)); empty where it cannot be read."""
    try:
        return (_PROC / str(process) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
