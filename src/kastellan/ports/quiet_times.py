"""What was worked out about installations where nothing is due, so that it need not be for every call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietTime:
    """An answer, and as long as it holds.

    Attributes:
        installation: whose.
        inputs: SHA-256 of everything that the answer follows from, but for the instant.
        files: files beside the stack's own that were read, relative to the project.
        since: when it was worked out (UTC); it says nothing about an earlier instant.
        until: when it has to be worked out again (UTC).
        answer: JSON.
    """

    installation: str
    inputs: str
    files: tuple[str, ...]
    since: datetime
    until: datetime
    answer: Mapping[str, Any]


class QuietTimes(Protocol):
    """May be emptied at any time. Every method is one transaction and may raise what `ports.store.Store` may."""

    def all(self) -> Mapping[str, QuietTime]:
        """What is kept, by installation."""
        ...

    def keep(self, found: Sequence[QuietTime]) -> None:
        """Keep these instead of what was kept about the same installations."""
        ...
