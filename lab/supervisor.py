"""Starts the processes of one lab and makes sure that they end with it (`lab.reaper` does the ending)."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO

from lab.errors import LabError
from lab.folders import state_folder
from lab.reaper import CLEANUP, KEEP, MARKER, members, reap


class Supervisor:
    """One lab's processes, logs and folder; a context manager.

    Attributes:
        folder: where the lab keeps its data; gone when the lab ends.
    """

    def __init__(self, kind: str) -> None:
        """Make the lab's folder and start its reaper.

        Args:
            kind: what runs, as the first part of the folder's name.
        """
        parent = state_folder()
        parent.mkdir(parents=True, exist_ok=True)
        self.folder = parent / f"{kind}-{os.getpid()}-{time.monotonic_ns()}"
        (self.folder / "logs").mkdir(parents=True)
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._reaper = subprocess.Popen(
            [sys.executable, "-S", "-E", "-m", "lab.reaper", str(self.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd=Path(__file__).parent.parent,
        )

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str] | None = None,
        user: int | None = None,
        group: int | None = None,
        cwd: Path | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a process that ends with the lab; its output goes to `logs/NAME.log`.

        Raises:
            LabError: the executable cannot be started.
        """
        log = (self.folder / "logs" / f"{name}.log").open("ab")
        try:
            child = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, **(environment or {}), MARKER: str(self.folder)},
                user=user,
                group=group,
                extra_groups=[] if user is not None else None,
                cwd=cwd,
            )
        except OSError as cause:
            raise LabError(f"{name} cannot be started: {cause}") from cause
        finally:
            log.close()
        self._children[name] = child
        return child

    def stop(self, name: str, *, grace_seconds: float = 5.0) -> None:
        """End one process now, with its whole group."""
        child = self._children.pop(name)
        child.terminate()
        try:
            child.wait(timeout=grace_seconds)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, 9)
            child.wait()

    def undo_at_end(self, command: Sequence[str]) -> None:
        """Record a command that undoes what outlives processes; recorded before the deed, so that a crash finds it."""
        with (self.folder / CLEANUP).open("a") as file:
            file.write(json.dumps(list(command)) + "\n")

    def check(self) -> None:
        """See that every started process still runs.

        Raises:
            LabError: one ended; the message holds the last lines of its log.
        """
        for name, child in self._children.items():
            if (code := child.poll()) is not None:
                raise LabError(f"{name} ended with code {code}; its last lines:\n{self.log_tail(name)}")

    def log_tail(self, name: str, lines: int = 12) -> str:
        """The last lines that a process wrote; empty before it wrote any."""
        log = self.folder / "logs" / f"{name}.log"
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""

    def keep(self) -> None:
        """Leave the lab running after this process; `python -m lab down` ends it."""
        stdin = self._stdin()
        stdin.write(KEEP)
        stdin.close()
        self._reaper.wait()
        for child in self._children.values():
            child.returncode = 0  # it goes on by design: nobody is to be warned that it still runs
        self._children.clear()

    def close(self) -> None:
        """End the lab; may be repeated, and does nothing after `keep`."""
        if self._reaper.poll() is None:
            self._stdin().close()
            self._reaper.wait(timeout=60)
        for child in self._children.values():
            child.wait(timeout=10)  # the reaper ended it; only its parent can collect it

    def __enter__(self) -> "Supervisor":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _stdin(self) -> IO[bytes]:
        if self._reaper.stdin is None:
            raise LabError("the reaper has no pipe")
        return self._reaper.stdin


def running() -> list[Path]:
    """Folders of labs that run, or that a crash left behind."""
    parent = state_folder()
    return sorted(path for path in parent.iterdir() if path.is_dir()) if parent.is_dir() else []


def end(folder: Path) -> int:
    """End a lab by its folder; returns how many processes it still had."""
    count = sum(1 for _ in members(folder))
    reap(folder)
    return count
