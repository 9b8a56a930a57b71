"""What a run tells while it goes on: a live line with elapsed and expected time, plain lines, or JSON events."""

import json
import sys
from typing import TYPE_CHECKING

from kastellan.adapters.system_clock import SystemClock
from kastellan.cli.progress import ConsoleProgress
from kastellan.domain.ledger import utc_text
from kastellan.domain.run import RunPlan

if TYPE_CHECKING:
    from kastellan.ports.progress import Progress

_COUNTED_SECONDS = 2.0


class RunProgress:
    """Implements `ports.progress.Progress` for one run.

    Args:
        plan: whose steps' expected durations are shown.
        console: takes the lines.
        events: whether to write one JSON object a line to standard error instead.
    """

    def __init__(self, plan: RunPlan, console: ConsoleProgress, *, events: bool) -> None:
        self._expected = {step.name.value: round(step.expected.total_seconds()) for step in plan.steps}
        self._run = plan.id
        self._console: Progress = console
        self._events = events
        self._clock = SystemClock()
        self._step, self._began = "", self._clock.monotonic()

    def report(self, step: str, text: str, *, done: int = 0, total: int = 0) -> None:
        """See the port."""
        if step in self._expected and step != self._step:
            self._step, self._began = step, self._clock.monotonic()
        elapsed = self._clock.monotonic() - self._began
        expected = self._expected.get(step, 0)
        if self._events:
            event = {
                "at": utc_text(self._clock.now()),
                "run": self._run,
                "step": step,
                "text": text,
                "elapsedSeconds": round(elapsed),
                "expectedSeconds": expected,
            }
            sys.stderr.write(json.dumps(event, ensure_ascii=False) + "\n")
            sys.stderr.flush()
            return
        timed = f" {elapsed:.0f}/{expected} s" if expected else ""
        self._console.report(f"{step}{timed}", text, done=done, total=total)


class EventProgress:
    """Implements `ports.progress.Progress` for a fleet: one JSON object a line on standard error."""

    def __init__(self) -> None:
        self._clock = SystemClock()
        self._last = self._clock.monotonic()

    def report(self, step: str, text: str, *, done: int = 0, total: int = 0) -> None:
        """See the port; of what is counted, a line every two seconds."""
        now = self._clock.monotonic()
        if total and done < total and now - self._last < _COUNTED_SECONDS:
            return
        self._last = now
        event = {"at": utc_text(self._clock.now()), "fleet": step, "text": text, "done": done, "total": total}
        sys.stderr.write(json.dumps(event, ensure_ascii=False) + "\n")
        sys.stderr.flush()
