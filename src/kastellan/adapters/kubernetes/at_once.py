"""Asks a cluster several things at the same time."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

_Fact = TypeVar("_Fact")
_AT_ONCE = 8


def at_once(ask: Callable[[Any], _Fact], questions: Sequence[Any]) -> tuple[_Fact, ...]:
    """The answers, in the order of the questions; the first error ends it."""
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        return tuple(pool.map(ask, questions))
