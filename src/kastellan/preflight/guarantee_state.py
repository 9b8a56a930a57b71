"""Which guarantees a report backs, which are void, which nobody can tell: from rows, at any instant (DI-5).

A guarantee is *backed* when every check that it rests on is met and was looked at lately; *void* when one is not met
or was waived; *unknown* otherwise, because what is not known never counts as met. The annex may give a
guarantee to nobody on infrastructure that the customer brings: then it is *not given*, whatever the checks say.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kastellan.domain.service_plan import Platform, ServicePlan
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.outcome import Outcome

_MONTH = timedelta(days=31)
"""Validated again before every maintenance (DI-4), which comes typically monthly (MU-2)."""
_WEEK = timedelta(days=7)
"""Backups are daily (DI-7); a week of silence about them is too long."""


class Standing(StrEnum):
    """How a guarantee stands."""

    BACKED = "backed"
    VOID = "void"
    UNKNOWN = "unknown"
    NOT_GIVEN = "not given"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A guarantee as the terms give it.

    Attributes:
        clause: in the terms.
        what: in a few words.
        needs: checks without whose rows it cannot be backed; others may rest under it too.
        looked_at: those of them that have to have been looked at: that one does not arise here, such as where somebody
            else has the way in, says nothing about it.
        max_age: how old the evidence of its checks may be.
        on_foreign_platform: whether it is given on infrastructure that the customer brings (annex, "static / other").
    """

    clause: str
    what: str
    needs: tuple[str, ...]
    looked_at: tuple[str, ...] = ()
    max_age: timedelta = _MONTH
    on_foreign_platform: bool = True


PROMISES: dict[Guarantee, Promise] = {
    Guarantee.ZONE_LOSS: Promise(
        clause="DI-2",
        what="any one zone may be lost without dropping below the sized load",
        needs=("ZON-1", "CAP-2"),
    ),
    Guarantee.LOAD: Promise(
        clause="DI-2",
        what="the load up to the rate limits is carried (RL-1, RL-2)",
        needs=("CAP-1", "PG-3", "PG-6"),
        on_foreign_platform=False,
    ),
    Guarantee.AVAILABILITY: Promise(
        clause="SL-1",
        what="the availability objective of the plan",
        needs=("ZON-1", "CAP-2", "PG-4"),
        on_foreign_platform=False,
    ),
    Guarantee.RECOVERY: Promise(
        clause="DI-7",
        what="daily backups and at most 1 h of data lost in a disaster",
        needs=("PG-5", "OBJ-1"),
        max_age=_WEEK,
    ),
    Guarantee.STRICT_TLS: Promise(
        clause="annex", what="strict TLS everywhere", needs=("PG-1", "TLS-1"), looked_at=("PG-1", "TLS-1")
    ),
    Guarantee.ISOLATION: Promise(clause="DI-1", what="an environment private to one customer", needs=("NET-3",)),
    Guarantee.MAINTENANCE: Promise(
        clause="MU-2", what="maintenance can run when it is due", needs=("VER-1", "VER-3", "RBAC-1", "CAP-1")
    ),
}
"""Every guarantee that a preflight can back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What of a finding counts here.

    Attributes:
        check: its id.
        outcome: what it came to.
        guarantees: those that rest on it.
        seen: when it was looked at; None where it was not.
        stated_until: where a statement stands for looking, the first instant at which it does so no more.
    """

    check: str
    outcome: Outcome
    guarantees: frozenset[Guarantee]
    seen: datetime | None
    stated_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GuaranteeState:
    """How one guarantee stands at an instant.

    Attributes:
        guarantee: which.
        promise: as the terms give it.
        standing: see there.
        because: in one sentence.
        checks: ids of the checks that it rests on.
        backed_until: when its evidence will be too old; None where it is not backed.
    """

    guarantee: Guarantee
    promise: Promise
    standing: Standing
    because: str
    checks: tuple[str, ...]
    backed_until: datetime | None


def guarantee_states(
    rows: Iterable[Row], now: datetime, *, platform: Platform | None, plan: ServicePlan | None
) -> tuple[GuaranteeState, ...]:
    """How every guarantee stands at `now`.

    Args:
        rows: one a check.
        now: the instant (UTC).
        platform: where the installation runs; None counts as the customer's.
        plan: of the contract, where there is one; it names the availability objective.
    """
    foreign = platform in (None, Platform.EXISTING)
    seen = tuple(rows)
    return tuple(
        _state(
            guarantee,
            promise,
            [row for row in seen if guarantee in row.guarantees or row.check in promise.needs],
            now,
            foreign=foreign,
            plan=plan,
        )
        for guarantee, promise in PROMISES.items()
    )


def _state(
    guarantee: Guarantee,
    promise: Promise,
    rows: list[Row],
    now: datetime,
    *,
    foreign: bool,
    plan: ServicePlan | None,
) -> GuaranteeState:
    standing, because, until = _judged(promise, rows, now)
    if foreign and not promise.on_foreign_platform:
        standing, until = Standing.NOT_GIVEN, None
        because = "the infrastructure is the customer's: no availability or performance objective [DI-5]"
    elif guarantee is Guarantee.AVAILABILITY and plan and standing is Standing.BACKED:
        because = f"{plan.availability_objective} % a month by plan {plan.value}; {because}"
    return GuaranteeState(
        guarantee=guarantee,
        promise=promise,
        standing=standing,
        because=because,
        checks=tuple(row.check for row in rows),
        backed_until=until,
    )


def _judged(promise: Promise, rows: list[Row], now: datetime) -> tuple[Standing, str, datetime | None]:
    if not rows:
        return Standing.UNKNOWN, "no check of this report covers it", None
    for outcome, said in ((Outcome.FAIL, "not met"), (Outcome.WAIVED, "waived, which gives up what rests on it")):
        if broken := [row.check for row in rows if row.outcome is outcome]:
            return Standing.VOID, f"{said}: {', '.join(broken)}", None
    present = {row.check for row in rows}
    if missing := [check for check in promise.needs if check not in present]:
        return Standing.UNKNOWN, f"this report has no row of {', '.join(missing)}, on which it rests", None
    if undetermined := [row.check for row in rows if not row.outcome.met]:
        return Standing.UNKNOWN, f"could not be determined: {', '.join(undetermined)}", None
    absent = [row.check for row in rows if row.outcome is Outcome.NOT_APPLICABLE]
    if overlooked := [check for check in absent if check in promise.looked_at]:
        return Standing.UNKNOWN, f"nobody looked, because it does not arise here: {', '.join(overlooked)}", None
    ends = {row.check: row.stated_until or (row.seen + promise.max_age if row.seen else None) for row in rows}
    if unseen := [check for check, end in ends.items() if end is None]:
        return Standing.UNKNOWN, f"it is not known when they were looked at: {', '.join(unseen)}", None
    if old := [check for check, end in ends.items() if end and end <= now]:
        days = promise.max_age.days
        return Standing.UNKNOWN, f"the evidence is older than {days} days: {', '.join(old)}", None
    attested = [row.check for row in rows if row.outcome is Outcome.ATTESTED]
    stated = f"; stated, not seen: {', '.join(attested)}" if attested else ""
    beside = f"; does not arise: {', '.join(absent)}" if absent else ""
    met = ", ".join(row.check for row in rows if row.check not in absent) or "nothing had to be"
    until = min(end for end in ends.values() if end)
    return Standing.BACKED, f"met: {met}{beside}{stated}", until
