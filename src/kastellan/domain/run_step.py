"""The steps of a maintenance run, and how an attempt at one may end.

Names are stable: they stand in journals, evidence and reports. Order is that of `ORDER`; `undo` is taken only where the
update was made and must not stay.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, TypeAlias

from kastellan.domain.ledger import Json
from kastellan.domain.reason import Reason


class StepName(StrEnum):
    """One step."""

    LEASE = "lease"
    CONTRACT = "contract"
    """The contract and what the customer said are read again (MU-3)."""
    PREFLIGHT = "preflight"
    """The platform is validated again before every maintenance (DI-4)."""
    NOTICE_STARTED = "notice-started"
    DRIFT = "drift"
    """What somebody else changed stops the run (DI-6)."""
    RESTORE_POINT = "restore-point"
    """A point to which the database can be brought back (DI-7)."""
    PREVIEW_GUARD = "preview-guard"
    """What the update would change is compared with what its item may touch (DI-6)."""
    UP = "up"
    """The installation is changed: by `pulumi up` of its stack, and by nothing else."""
    VERIFICATION = "verification"
    SOAK = "soak"
    """It is watched for a while under its own load (SL-1)."""
    UNDO = "undo"
    VERDICT = "verdict"
    NOTICE_COMPLETED = "notice-completed"


ORDER = tuple(name for name in StepName if name is not StepName.UNDO)
"""The steps of every run, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """It was done.

    Attributes:
        summary: one line for people; no secrets.
        evidence: what was seen, canonical JSON; no secrets.
    """

    summary: str
    evidence: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneAlready:
    """The step looked, and found nothing left to do; attributes as of `Done`."""

    summary: str
    evidence: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """It was not begun, or took back what it began; the reasons say who has to act."""

    kind: ClassVar[str] = "blocked"
    reasons: tuple[Reason, ...]
    evidence: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """It was begun and ended in failure; whose reasons these are is the side on which the cause lies (IN-2)."""

    kind: ClassVar[str] = "failed"
    reasons: tuple[Reason, ...]
    evidence: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inconclusive:
    """Nobody can say whether it is done; never counts as passed."""

    kind: ClassVar[str] = "inconclusive"
    reasons: tuple[Reason, ...]
    evidence: Mapping[str, Json] = field(default_factory=dict)


StepOutcome: TypeAlias = Done | DoneAlready | Blocked | Failed | Inconclusive


@dataclass(frozen=True, slots=True, kw_only=True)
class StepAttempt:
    """One attempt at a step.

    Attributes:
        number: 1 for the first.
        token: fencing token of the lease under which it was begun.
        worker: who began it, such as `host/1234`.
        started_at: UTC.
        ended_at: UTC; None while it is under way, and for ever where its process was killed.
        milliseconds: time spent, on a clock that never steps; 0 while it is under way.
        outcome: how it ended; None as `ended_at`.
    """

    number: int
    token: int
    worker: str
    started_at: datetime
    ended_at: datetime | None = None
    milliseconds: int = 0
    outcome: StepOutcome | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """A step with its attempts, in order."""

    name: StepName
    attempts: tuple[StepAttempt, ...] = ()

    @property
    def outcome(self) -> StepOutcome | None:
        """How the last attempt ended; None where there is none, or it never ended."""
        return self.attempts[-1].outcome if self.attempts else None

    @property
    def done(self) -> bool:
        """Whether it need not be taken again."""
        return isinstance(self.outcome, Done | DoneAlready)

    @property
    def begun(self) -> bool:
        """Whether anything of it may have happened."""
        return bool(self.attempts)

    @property
    def spent(self) -> timedelta:
        """Time of all attempts that ended."""
        return timedelta(milliseconds=sum(attempt.milliseconds for attempt in self.attempts))
