"""How probes in the cluster wait: told while it lasts, each wait in its share, all of them in that of the run."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kastellan.domain.errors import DeadlineExceededError
from kastellan.domain.party import Party
from kastellan.ports.clock import Clock
from kastellan.ports.progress import Progress
from kastellan.preflight.time_limits import BREAKING_OFF_SECONDS, GONE_SECONDS

POLL_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The waits of one run of probes.

    Attributes:
        clock: waits.
        progress: told what goes on.
        ends: instant on the monotonic clock at which the probes are broken off; taking them away comes after it.
    """

    clock: Clock
    progress: Progress
    ends: float = math.inf

    @classmethod
    def of_run(cls, clock: Clock, progress: Progress, *, ends: float) -> "Waiting":
        """Those of a run that ends then: the probes end so much earlier that all of them can be taken away."""
        return cls(clock=clock, progress=progress, ends=ends - GONE_SECONDS - BREAKING_OFF_SECONDS)

    def until(self, seconds: float, ask: Callable[[], Any], *, doing: str) -> Any:
        """Ask until there is an answer (not None), or None after so many seconds.

        Raises:
            DeadlineExceededError: the time of all probes is over, which says nothing about any of them.
        """
        if (found := self._waited(seconds, ask, doing=doing, ends=self.ends)) is None and self._over():
            raise DeadlineExceededError(
                f"{doing}: the probes took too long altogether and were broken off",
                owner=Party.CUSTOMER,
                remediation="see what is so slow, such as pods that are not placed, and run the preflight again",
            )
        return found

    def until_gone(self, seconds: float, ask: Callable[[], Any], *, doing: str) -> Any:
        """As `until`, also after the end: what was put somewhere is taken away whatever the time is."""
        return self._waited(seconds, ask, doing=doing, ends=math.inf)

    def _over(self) -> bool:
        return self.clock.monotonic() >= self.ends

    def _waited(self, seconds: float, ask: Callable[[], Any], *, doing: str, ends: float) -> Any:
        began = self.clock.monotonic()
        while (found := ask()) is None:
            spent = self.clock.monotonic() - began
            if spent >= seconds or began + spent >= ends:
                return None
            self.progress.report("probing", f"{doing}, {spent:.0f} s")
            self.clock.sleep(POLL_SECONDS)
        return found
