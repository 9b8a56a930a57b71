"""Waiting for something under way: looks again and again, tells how it stands, and gives up without touching it."""

from collections.abc import Callable
from typing import TypeVar

from kastellan.domain.errors import StuckError
from kastellan.domain.party import Party
from kastellan.execution.budgets import Budgets
from kastellan.ports.clock import Clock
from kastellan.ports.progress import Progress

_Seen = TypeVar("_Seen")
_FIRST_PAUSE = 0.2
"""Seconds before the second look; much is done by then."""
_PAUSE_SHARE = 0.1
"""Of what has passed: whoever looks so often learns of an end when at most a tenth more has passed."""


class Waiting:
    """What every step needs to wait: time, somebody to tell, and budgets.

    Args:
        clock: time and waiting.
        progress: told when the text changes, and at least every `budgets.report` seconds.
        budgets: how long.
    """

    def __init__(self, clock: Clock, progress: Progress, budgets: Budgets) -> None:
        self.clock = clock
        self.progress = progress
        self.budgets = budgets

    def until(
        self,
        step: str,
        look: Callable[[], tuple[_Seen | None, str]],
        *,
        budget: float,
        poll: float | None = None,
        owner: Party = Party.VENDOR,
        remediation: str,
    ) -> _Seen:
        """Look until there is something.

        Args:
            step: name of the step, for the progress.
            look: returns what was waited for, or None, and how it stands in one line.
            budget: seconds after which a person is called.
            poll: longest pause between two looks in seconds, where it is shorter than `budgets.poll`.
            owner: who has to act then.
            remediation: what that party does.

        Raises:
            StuckError: the budget ended; whatever is under way was left as it is.
        """
        began, told, last = self.clock.monotonic(), -self.budgets.report, ""
        longest = self.budgets.poll if poll is None else min(poll, self.budgets.poll)
        while True:
            seen, text = look()
            if seen is not None:
                return seen
            elapsed = self.clock.monotonic() - began
            if text != last or elapsed - told >= self.budgets.report:
                self.progress.report(step, f"{elapsed:.0f} s, {text}")
                told, last = elapsed, text
            if elapsed >= budget:
                raise StuckError(
                    f"{step} did not end within {budget:g} s ({text}); it was left as it is",
                    owner=owner,
                    remediation=remediation,
                )
            self.clock.sleep(min(max(_FIRST_PAUSE, _PAUSE_SHARE * elapsed), longest))


class Lasting:
    """For how long something has been so without a break.

    Args:
        clock: time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since: float | None = None

    def seconds(self, *, so: bool) -> float:
        """Tell whether it is so now.

        Returns:
            Seconds since the first of the looks that have all found it so; 0 where this one does not.
        """
        if not so:
            self._since = None
            return 0.0
        now = self._clock.monotonic()
        self._since = now if self._since is None else self._since
        return now - self._since
