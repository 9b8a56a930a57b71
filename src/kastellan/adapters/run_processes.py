"""Runs in child processes of their own process groups: `ports.run_workers.RunWorkers`.

A child writes into files without a name, not into pipes: should its parent be killed, it goes on undisturbed, and the
files are gone with the last of the two.
"""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from kastellan.ports.run_workers import WorkerEnded

_POLL_SECONDS = 0.2


@dataclass(slots=True)
class _Child:
    process: subprocess.Popen[bytes]
    installation: str
    run_id: str
    said: IO[bytes]
    position: int = 0
    rest: bytes = b""
    told: list[str] = field(default_factory=list)


class RunProcesses:
    """Implements `ports.run_workers.RunWorkers`.

    Args:
        command: the command line that carries out a run, of an installation and the run's id; no secrets, for every
            user of the machine sees it.
        environment: of the children.
        on_line: told every line that a child writes to its standard error, with its installation; returns whether the
            line was progress, and no message that says why it ended.
    """

    def __init__(
        self,
        command: Callable[[str, str], Sequence[str]],
        *,
        environment: Mapping[str, str],
        on_line: Callable[[str, str], bool],
    ) -> None:
        self._command = command
        self._environment = dict(environment)
        self._on_line = on_line
        self._children: list[_Child] = []

    def start(self, installation: str, run_id: str) -> None:
        """See the port."""
        said = tempfile.TemporaryFile()  # noqa: SIM115  # closed when the child has ended
        process = subprocess.Popen(
            self._command(installation, run_id),
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            start_new_session=True,  # a Ctrl-C of the terminal reaches it through us alone, once
        )
        self._children.append(_Child(process, installation, run_id, said))

    def wait(self) -> tuple[WorkerEnded, ...]:
        """See the port."""
        time.sleep(_POLL_SECONDS)
        ended = []
        for child in list(self._children):
            code = child.process.poll()  # before reading: what it wrote until then is there
            more = self._tell(child)
            if code is None:
                continue
            while more:
                more = self._tell(child)
            self._tell_line(child, child.rest)  # it may have been cut off in the middle of one
            self._children.remove(child)
            child.said.close()
            problem = " ".join(child.told[-8:]) if code else ""
            ended.append(WorkerEnded(run_id=child.run_id, code=code, problem=problem))
        return tuple(ended)

    def running(self) -> int:
        """See the port."""
        return len(self._children)

    def interrupt(self) -> None:
        """See the port; SIGTERM, because a child of a shell's background job ignores SIGINT."""
        for child in self._children:
            if child.process.poll() is None:
                child.process.send_signal(signal.SIGTERM)

    def _tell(self, child: _Child) -> bool:
        """Pass on what is new, up to a mebibyte; whether there was anything."""
        new = os.pread(child.said.fileno(), 1 << 20, child.position)
        child.position += len(new)
        *lines, child.rest = (child.rest + new).split(b"\n")
        for line in lines:
            self._tell_line(child, line)
        return bool(new)

    def _tell_line(self, child: _Child, line: bytes) -> None:
        text = line.decode(errors="replace").strip()
        if text and not self._on_line(child.installation, text):
            child.told.append(text)
