"""Waiting for a real system, with an end."""

import time
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")


def until(look: Callable[[], Seen], *, seconds: float = 30.0) -> Seen:
    """Look again and again until there is something true, and return it."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < deadline, f"did not come about within {seconds} s; last seen: {seen!r}"
        time.sleep(0.05)
    return seen
