"""What happened to an installation, as typed facts in the order in which they were recorded.

The automaton of the clocks, the list of pending updates and every report are pure functions of this, so that a customer
who has the ledger computes the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias, TypeVar

from kastellan.domain.local_time import Month
from kastellan.domain.party import Party
from kastellan.domain.release import ReleaseClass
from kastellan.domain.version import Version


@dataclass(frozen=True, slots=True, order=True)
class Item:
    """Something to be maintained, and the unit of the customer's decisions.

    Regular Maintenance has one item each calendar month, whatever version it brings: months are what MU-4 counts. An
    emergency has one item for its release. Text: `regular/2026-12`, `emergency/v4.20.3`.
    """

    text: str

    def __post_init__(self) -> None:
        kind, _, rest = self.text.partition("/")
        if kind not in ("regular", "emergency"):
            raise ValueError(f"{self.text!r} is no item; write regular/2026-12 or emergency/v4.20.3")
        Month.parse(rest) if kind == "regular" else Version.parse(rest)

    @classmethod
    def regular(cls, month: Month) -> "Item":
        """The Regular Maintenance of a month."""
        return cls(f"regular/{month}")

    @classmethod
    def emergency(cls, version: Version) -> "Item":
        """The Emergency Maintenance that brings a release."""
        return cls(f"emergency/{version}")

    @property
    def month(self) -> Month | None:
        """The month of a regular item."""
        return Month.parse(self.text.partition("/")[2]) if self.text.startswith("regular/") else None

    @property
    def version(self) -> Version | None:
        """The release of an emergency."""
        return None if self.month else Version.parse(self.text.partition("/")[2])

    def __str__(self) -> str:
        return self.text


class DecisionKind(StrEnum):
    """What a customer may say to an offer (MU-3)."""

    PERMIT = "permit"
    DENY = "deny"
    DEFER = "defer"
    """A later window of the same offer, within a budget; no denial."""
    PULL_FORWARD = "pull-forward"
    """An earlier window."""
    WITHDRAW = "withdraw"
    """Takes back what was said before; silence is consent again."""


class Verdict(StrEnum):
    """How a run ended."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    """Never counts as passed."""
    BLOCKED = "blocked"
    """Nothing was begun, because of a blocker; `attribution` says whose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """Kastellan took the installation into its care, at the version that it had."""

    at: datetime
    version: Version


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyOpened:
    """A security or performance release concerns the installation (MU-2)."""

    at: datetime
    item: Item
    release_class: ReleaseClass


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowOffered:
    """A window was named to the customer for an item; frozen from here on."""

    at: datetime
    item: Item
    start: datetime
    end: datetime
    version: Version


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeReceived:
    """A notice about an item counts as received.

    Attributes:
        at: when it counts as received, not when it was sent.
        item: what it was about.
        start: start of the window that it offered; None for an emergency's notice.
    """

    at: datetime
    item: Item
    start: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The customer said something.

    Attributes:
        at: when.
        item: about what.
        kind: what.
        start: start of the window that it is about; None for an emergency, which has no window.
        chosen: start of the window asked for instead, when deferring or pulling forward.
        who: a named person.
        channel: how it reached us, such as `mail`.
        reason: in the customer's words.
    """

    at: datetime
    item: Item
    kind: DecisionKind
    start: datetime | None = None
    chosen: datetime | None = None
    who: str
    channel: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """A run for an item began; attributes as of `RunEnded`."""

    at: datetime
    item: Item
    start: datetime | None = None
    version: Version


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded:
    """A run for an item came to its end.

    Attributes:
        at: when it ended.
        item: what it was for.
        verdict: how it ended.
        attribution: on whose side the cause lies, where it did not pass (IN-2).
        start: start of the window in which it ran; None for an emergency outside of one.
        version: version of the installation after it.
        reason: why it did not pass.
    """

    at: datetime
    item: Item
    verdict: Verdict
    attribution: Party = Party.VENDOR
    start: datetime | None = None
    version: Version
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminationNoticed:
    """A named person of the vendor gave notice of termination (MU-5); kastellan never does."""

    at: datetime
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminationWithdrawn:
    """A named person of the vendor took the notice back."""

    at: datetime
    who: str
    reason: str


Fact: TypeAlias = (
    Enrolled
    | EmergencyOpened
    | WindowOffered
    | NoticeReceived
    | Decided
    | RunStarted
    | RunEnded
    | TerminationNoticed
    | TerminationWithdrawn
)
F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, slots=True)
class History:
    """Facts in the order of their instants; those of one instant in the order in which they were recorded."""

    facts: tuple[Fact, ...] = field(default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "facts", tuple(sorted(self.facts, key=lambda fact: fact.at)))

    def of(self, kind: type[F]) -> Iterator[F]:
        """The facts of one kind, in order."""
        return (fact for fact in self.facts if isinstance(fact, kind))

    def until(self, instant: datetime) -> "History":
        """What had happened at an instant, that instant included."""
        return History(tuple(fact for fact in self.facts if fact.at <= instant))

    def with_fact(self, *facts: Fact) -> "History":
        """The same with more facts."""
        return History((*self.facts, *facts))
