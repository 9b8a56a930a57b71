"""What a check comes to, and how outcomes seen from several places become one."""

from collections.abc import Iterable
from enum import StrEnum, auto


class Outcome(StrEnum):
    """What a check came to. Only PASS says that a requirement was seen to be met; nothing else is counted as it."""

    PASS = auto()
    WARN = auto()
    FAIL = auto()
    UNKNOWN = auto()
    """Could not be determined: a right is missing, no answer came, or it was left out."""
    NOT_APPLICABLE = "not applicable"
    WAIVED = "waived"
    """Not met, and accepted until a day by a named person, with a reason."""
    ATTESTED = "attested"
    """Cannot be seen from here, and stated by the customer or a provider, dated, with a document."""
    ERROR = "error"
    """A defect of kastellan, or a probe whose negative control failed."""

    @property
    def met(self) -> bool:
        """Whether it may stand at a gate: seen to be met, does not arise, stated, or accepted."""
        return self in (Outcome.PASS, Outcome.WARN, Outcome.NOT_APPLICABLE, Outcome.WAIVED, Outcome.ATTESTED)


_WORST_FIRST = (
    Outcome.FAIL,
    Outcome.ERROR,
    Outcome.UNKNOWN,
    Outcome.WARN,
    Outcome.WAIVED,
    Outcome.ATTESTED,
    Outcome.PASS,
    Outcome.NOT_APPLICABLE,
)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The one that decides: any failure fails, anything unknown keeps the rest from passing, none at all is UNKNOWN."""
    return min(outcomes, key=_WORST_FIRST.index, default=Outcome.UNKNOWN)
