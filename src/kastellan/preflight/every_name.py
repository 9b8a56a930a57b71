"""One verdict about all host names of an installation: each of them has to hold."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from kastellan.preflight.check import undecided
from kastellan.preflight.finding import OPERATOR_HOST, Verdict
from kastellan.preflight.halves import Half, both

_Seen = TypeVar("_Seen")


def of_every(seen: Sequence[_Seen], judge: Callable[[_Seen], Verdict]) -> Verdict:
    """The verdict of the worst name, told of all names that have it."""
    if not seen:
        return undecided("no host name was looked at", "run the preflight again")
    if len(seen) == 1:
        return judge(seen[0])
    return both(*(Half(vantage=OPERATOR_HOST, judge=partial(judge, one)) for one in seen))
