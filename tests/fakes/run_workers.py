"""Workers that carry their runs out in this process, one after the other."""

import contextlib
import io
from collections.abc import Callable, Mapping, Sequence

from kastellan.cli.main import run
from kastellan.ports.run_workers import WorkerEnded


class FakeWorkers:
    """In place of `adapters.run_processes.RunProcesses`.

    Attributes:
        most: how many were under way at the same time.
        lost: installations whose worker is killed before it does anything.
    """

    most = 0
    lost: frozenset[str] = frozenset()

    def __init__(
        self,
        command: Callable[[str, str], Sequence[str]],
        *,
        environment: Mapping[str, str],
        on_line: Callable[[str, str], bool],
    ) -> None:
        self._command, self._on_line = command, on_line
        self._waiting: list[tuple[str, str]] = []

    def start(self, installation: str, run_id: str) -> None:
        self._waiting.append((installation, run_id))
        FakeWorkers.most = max(FakeWorkers.most, len(self._waiting))

    def wait(self) -> tuple[WorkerEnded, ...]:
        installation, run_id = self._waiting.pop(0)
        if installation in self.lost:
            return (WorkerEnded(run_id=run_id, code=-9, problem=""),)
        _, program, _, *arguments = self._command(installation, run_id)
        assert program == "-c"
        said = io.StringIO()
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
            code = run(arguments)
        told = [line for line in said.getvalue().splitlines() if not self._on_line(installation, line)]
        return (WorkerEnded(run_id=run_id, code=code, problem=" ".join(told)),)

    def running(self) -> int:
        return len(self._waiting)

    def interrupt(self) -> None:
        self._waiting.clear()
