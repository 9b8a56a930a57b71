"""Workers that carry out runs of several installations at once, each apart from the others."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerEnded:
    """A worker has ended; how its run stands is in the journal.

    Attributes:
        run_id: what it was to carry out.
        code: its exit code; negative where a signal ended it.
        problem: what it said last, where it did not end a run; no secrets.
    """

    run_id: str
    code: int
    problem: str


class RunWorkers(Protocol):
    """A worker outlives whoever started it: it ends its run, and the journal has it."""

    def start(self, installation: str, run_id: str) -> None:
        """Carry out a run that is in the journal."""
        ...

    def wait(self) -> tuple[WorkerEnded, ...]:
        """Wait a moment, tell what the workers tell, and return those that have ended since the last call."""
        ...

    def running(self) -> int:
        """How many have not been returned by `wait`."""
        ...

    def interrupt(self) -> None:
        """Ask all of them to end in order; the next call of the command goes on with their runs."""
        ...
