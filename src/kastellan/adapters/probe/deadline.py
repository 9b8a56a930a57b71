"""Ends the wait for a probe: what did not answer in time is unknown, and the others go on."""

import threading
from collections.abc import Callable
from typing import TypeVar

from kastellan.domain.errors import DeadlineExceededError
from kastellan.domain.party import Party

_Fact = TypeVar("_Fact")


def within(seconds: float, name: str, probe: Callable[[], _Fact]) -> _Fact:
    """What a probe gives.

    Its thread cannot be killed; each of its waits is bounded, so it ends by itself soon after.

    Raises:
        DeadlineExceededError: nothing within so many seconds.
    """
    result: list[_Fact] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            result.append(probe())
        except BaseException as problem:  # raised again below, in the thread that asked
            failure.append(problem)

    thread = threading.Thread(target=run, name=f"probe {name}", daemon=True)
    thread.start()
    thread.join(seconds)
    if failure:
        raise failure[0]
    if not result:
        raise DeadlineExceededError(
            f"the probe of {name} did not end within {seconds:g} s",
            owner=Party.CUSTOMER,
            remediation="see which of its servers does not answer, and try again",
        )
    return result[0]
