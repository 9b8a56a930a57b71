"""What a contract says about a run that meets the end of its window, or a customer who objects late (MU-1, MU-3).

The terms are silent about both, so each is a field of the contract; the defaults change as little as possible.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class AtWindowEnd(StrEnum):
    """What becomes of an update that would last longer than its window (MU-1)."""

    STOP_SAFE = "stop-safe"
    """It is cancelled while there is still time to undo it inside the window; nothing begins after the window."""
    FINISH = "finish"
    """Once the installation is being changed, the run goes on past the end of the window."""


class OnWithdrawal(StrEnum):
    """What becomes of a run whose customer objects after the installation was first changed (MU-3).

    Before that instant there is no choice: nothing is changed.
    """

    FINISH = "finish"
    UNDO = "undo"
    """Back to the version before, where the release is backward compatible; else the run finishes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPolicy:
    """The contract's part about runs.

    Attributes:
        at_window_end: what becomes of an update that lasts too long.
        on_withdrawal: what becomes of a run whose customer objects too late.
        emergency_outside_window: whether Emergency Maintenance may run outside of every window, where none lies before
            the end of its clock (MU-2, MU-4).
        soak: how long an installation is watched after an update, inside its window.
    """

    at_window_end: AtWindowEnd = AtWindowEnd.STOP_SAFE
    on_withdrawal: OnWithdrawal = OnWithdrawal.FINISH
    emergency_outside_window: bool = True
    soak: timedelta = timedelta(minutes=10)

    def __post_init__(self) -> None:
        if not timedelta(0) < self.soak <= timedelta(hours=2):
            raise ValueError("a soak lasts up to two hours, for it belongs to the window")
