"""Repeats what fails for a moment: after one second, then after twice as long each time, or when it was asked to."""

from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception

from kastellan.domain.errors import TemporaryError, ThrottledError
from kastellan.ports.clock import Clock

PATIENCE_SECONDS = 900.0
"""So long what fails for a moment is repeated at most; an outage that lasts is a blocker."""
_LONGEST_PAUSE = 60.0

T = TypeVar("T")


def patiently(
    act: Callable[[], T],
    clock: Clock,
    *,
    seconds: float,
    told: Callable[[str], None],
    ended: Callable[[], bool] = lambda: False,
    but: tuple[type[TemporaryError], ...] = (),
) -> T:
    """Act, and act again while the error is temporary and there is time.

    Args:
        act: what is done.
        clock: waits.
        seconds: no wait goes beyond so many, nor beyond `PATIENCE_SECONDS`.
        told: hears of every error that is followed by another try.
        ended: whether there is no sense in another try.
        but: temporary errors that are left to the caller.

    Raises:
        Exception: what `act` raised last.
    """
    gives_up = clock.monotonic() + min(seconds, PATIENCE_SECONDS)

    def tell(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, TemporaryError):
            told(f"{error.message}; trying again")

    for attempt in Retrying(
        retry=retry_if_exception(lambda error: isinstance(error, TemporaryError) and not isinstance(error, but)),
        stop=lambda state: ended() or clock.monotonic() + state.upcoming_sleep >= gives_up,
        wait=_wait,
        sleep=clock.sleep,
        before_sleep=tell,
        reraise=True,
    ):
        with attempt:
            return act()
    raise AssertionError("unreachable: tenacity raises the last error")


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, ThrottledError) else 0.0
    return max(asked, min(_LONGEST_PAUSE, 2.0 ** (state.attempt_number - 1)))
