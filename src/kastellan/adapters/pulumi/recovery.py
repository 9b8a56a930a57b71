"""Puts in order what a killed operation left: its processes, its lock, its pending operations."""

import contextlib
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kastellan.adapters.pulumi.pending_operations import pending_operations, pending_reason, without_droppable
from kastellan.adapters.pulumi.processes import is_alive, kill_session, session_of
from kastellan.adapters.pulumi.stack_locks import FoundLock, is_orphan, locked_reason
from kastellan.domain.errors import BlockedError
from kastellan.domain.reason import Reason
from kastellan.ports.clock import Clock
from kastellan.ports.provisioner import Holder

_POLL_SECONDS = 0.2

State = Mapping[str, Any]


class Recovery:
    """One recovery of a stack; see `Provisioner.recover`.

    Args:
        stack: which.
        look: finds its locks.
        remove: removes one by its key.
        read_state: exports the state.
        write_state: imports it.
        clock: waits for an orphan to end.
        grace_seconds: how long.
    """

    def __init__(
        self,
        stack: str,
        *,
        look: Callable[[], Sequence[FoundLock]],
        remove: Callable[[str], None],
        read_state: Callable[[], State],
        write_state: Callable[[State], object],
        clock: Clock,
        grace_seconds: float,
    ) -> None:
        self._stack = stack
        self._look = look
        self._remove = remove
        self._read_state = read_state
        self._write_state = write_state
        self._clock = clock
        self._grace = grace_seconds
        self._done: list[str] = []

    def run(self) -> tuple[str, ...]:
        """Do it.

        Raises:
            BlockedError: something is left to a person.
        """
        self._end_orphans()
        self._remove_dead_locks()
        # Who holds the stack may be writing its state, so that it is not looked at.
        self._refuse([locked_reason(self._stack, found.lock) for found in self._look()])
        self._refuse(self._drop_pending())
        return tuple(self._done)

    def _end_orphans(self) -> None:
        for found in self._look():
            if is_orphan(found.lock):
                self._end(found)

    def _end(self, found: FoundLock) -> None:
        """Its own child asks the engine to stop when the caller dies; where that is dead, too, it is done here."""
        process = found.lock.pid
        session = session_of(process)
        if session is None:
            return
        if not is_alive(session):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGINT)
        deadline = self._clock.monotonic() + self._grace
        while is_alive(process) and self._clock.monotonic() < deadline:
            self._clock.sleep(_POLL_SECONDS)
        how = "ended in order" if not is_alive(process) else "was killed"
        kill_session(session)
        self._done.append(f"an operation whose caller is gone {how} ({found.lock})")

    def _remove_dead_locks(self) -> None:
        for found in self._look():
            if found.lock.holder is Holder.DEAD:
                self._remove(found.key)
                self._done.append(f"removed the lock of a process that is gone ({found.lock})")

    def _drop_pending(self) -> list[Reason]:
        state = self._read_state()
        pending = pending_operations(state)
        dropped = [one for one in pending if one.may_be_dropped]
        if dropped:
            self._write_state(without_droppable(state))
            self._done += [
                f"cleared the pending operation {one}; the next update adopts what it left" for one in dropped
            ]
        return [pending_reason(self._stack, one) for one in pending if not one.may_be_dropped]

    def _refuse(self, reasons: Sequence[Reason]) -> None:
        if reasons:
            done = f" (done so far: {'; '.join(self._done)})" if self._done else ""
            raise BlockedError(f"stack {self._stack} cannot be put in order{done}", reasons)
