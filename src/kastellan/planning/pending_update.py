"""An installation's pending updates: what is due, when, and why, with the clause that each date comes from.

The four dates are those that managed databases made customary: the earliest instant at which it may run, the one by
which it should have, the one at which the terms take over, and the one at which it will run as things stand.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile

from kastellan.domain.catalogue import Catalogue
from kastellan.domain.contract import Contract
from kastellan.domain.escalation import blocking
from kastellan.domain.history import Enrolled, History, Item, RunEnded
from kastellan.domain.interval import Interval
from kastellan.domain.local_time import Month
from kastellan.domain.month_record import MonthState
from kastellan.domain.offers import Offer
from kastellan.domain.party import Party
from kastellan.domain.quarterly_promise import SHORTEST_WINDOW
from kastellan.domain.reason import Reason
from kastellan.domain.release import Advisory, ReleaseClass
from kastellan.domain.standing import Cadence, Emergency, Standing, State
from kastellan.domain.version import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Date:
    """An instant (UTC), or None where there is none, with its reason and the clause that it comes from."""

    at: datetime | None
    because: str
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingUpdate:
    """One item that is to be maintained.

    Attributes:
        item: the item.
        version: what it brings; the installed version where nothing newer is reachable, and the run only verifies.
        release_class: why.
        earliest: when it may run at the earliest.
        due: by when it should have run.
        forced: when the terms take over: the promise is broken, or the customer's failure is escalated.
        effective: when it will run as things stand.
        blockers: why it will not, or not yet, and whose turn it is.
        downtime_expected: whether its advisory announces downtime.
        advisories: what whoever brings it must read.
    """

    item: Item
    version: Version
    release_class: ReleaseClass
    earliest: Date
    due: Date
    forced: Date
    effective: Date
    blockers: tuple[Reason, ...] = ()
    downtime_expected: bool = False
    advisories: tuple[Advisory, ...] = ()


def installed_version(history: History) -> Version | None:
    """The version after the last run, or that of the enrolment; None where the installation is not enrolled."""
    known = [fact for fact in history.facts if isinstance(fact, Enrolled | RunEnded)]
    return known[-1].version if known else None


def next_version(catalogue: Catalogue, history: History, installed: Version, at: datetime) -> Version:
    """What a run at an instant (UTC) brings: the first step on the way to the newest release.

    The installed version where there is no step, or where the installed one has to soak for longer first (A-10017).
    """
    newest = catalogue.newest
    if newest is None or newest.version <= installed:
        return installed
    step = catalogue.find(next(iter(catalogue.way(installed, newest.version)), installed))
    if step is None or _since(history, installed) + timedelta(days=step.soak_days) > at:
        return installed
    return step.version


def _since(history: History, installed: Version) -> datetime:
    """Since when the installed version is known to run."""
    known = [fact for fact in history.facts if isinstance(fact, Enrolled | RunEnded)]
    same = list(takewhile(lambda fact: fact.version == installed, reversed(known)))
    return same[-1].at


def urgent_releases(catalogue: Catalogue, installed: Version) -> Iterator[tuple[Version, ReleaseClass]]:
    """Releases newer than the installed one that open Emergency Maintenance (MU-2)."""
    for release in catalogue.releases:
        if (
            release.version > installed
            and release.release_class is not ReleaseClass.REGULAR
            and not release.version.pre
        ):
            yield release.version, release.release_class


def admissible(windows: Sequence[Interval]) -> tuple[Interval, ...]:
    """Those that are long enough for Regular Maintenance."""
    return tuple(window for window in windows if window.duration >= SHORTEST_WINDOW)


def pending(
    contract: Contract,
    catalogue: Catalogue,
    history: History,
    found: Standing,
    windows: Sequence[Interval],
    now: datetime,
) -> tuple[PendingUpdate, ...]:
    """What is pending at `now` (UTC), emergencies first.

    Args:
        contract: of the installation.
        catalogue: known releases.
        history: what happened.
        found: its standing at `now`.
        windows: maintenance windows from `now` on, ascending.
        now: one instant for the whole decision.
    """
    installed = installed_version(history)
    if installed is None or found.cadence is None or found.state is State.ENDED:
        return ()
    usable = admissible(windows)
    emergencies = [
        _emergency(contract, emergency, history, usable, now)
        for emergency in found.emergencies
        if emergency.completed_at is None
    ]
    done = {record.month for record in found.months if record.state is MonthState.COMPLETED}
    offered = {offer.item.month for offer in found.offers if offer.end > now and not offer.moved} - done
    months = sorted({_open_month(contract, found, usable, now), *(month for month in offered if month)})
    brings = partial(next_version, catalogue, history, installed)
    regular = [_regular(contract, found, found.cadence, usable, month, brings, now) for month in months]
    return tuple(_with_advisories(update, catalogue) for update in (*emergencies, *regular))


def _with_advisories(update: PendingUpdate, catalogue: Catalogue) -> PendingUpdate:
    release = catalogue.find(update.version)
    if release is None:
        return update
    return replace(update, downtime_expected=release.downtime_expected, advisories=release.advisories)


def _regular(
    contract: Contract,
    found: Standing,
    cadence: Cadence,
    windows: Sequence[Interval],
    month: Month,
    brings: Callable[[datetime], Version],
    now: datetime,
) -> PendingUpdate:
    zone = contract.zone
    item = Item.regular(month)
    standing_offers = [offer for offer in found.offers if offer.item == item and not offer.moved and offer.end > now]
    offer = standing_offers[-1] if standing_offers else None
    planned = _first(windows, month, zone)
    start = offer.start if offer else planned.start if planned else None
    return PendingUpdate(
        item=item,
        version=offer.version if offer else brings(start or now),
        release_class=ReleaseClass.REGULAR,
        earliest=Date(at=start, because="the first window of the month that is long enough", clause="MU-1"),
        due=Date(at=month.end(zone), because=f"monthly as a rule: the end of {month}", clause="MU-2"),
        forced=Date(
            at=cadence.due_by,
            because="three calendar months after the last Regular Maintenance the promise is broken",
            clause="MU-2",
        ),
        effective=_effective(offer, start),
        blockers=tuple(_blockers(offer)),
    )


def _open_month(contract: Contract, found: Standing, windows: Sequence[Interval], now: datetime) -> Month:
    """The month whose maintenance is next: this one while a window of it is left and it has not completed."""
    month = Month.of(now, contract.zone)
    done = {record.month for record in found.months if record.state is MonthState.COMPLETED}
    for _ in range(14):
        has_offer = any(offer.item == Item.regular(month) and offer.end > now for offer in found.offers)
        if month not in done and (has_offer or _first(windows, month, contract.zone)):
            return month
        month = month.shifted(1)
    return month


def _first(windows: Sequence[Interval], month: Month, zone: str) -> Interval | None:
    return next((window for window in windows if Month.of(window.start, zone) == month), None)


def _effective(offer: Offer | None, start: datetime | None) -> Date:
    if offer is None:
        return Date(at=start, because="the window will be offered", clause="MU-3")
    if offer.permitted:
        said = "the customer permitted it" if offer.decision else "silence is consent to what was offered in time"
        return Date(at=offer.start, because=said, clause="MU-3")
    return Date(at=None, because="it may not run as things stand", clause="MU-3")


def _blockers(offer: Offer | None) -> Iterator[Reason]:
    if offer is None or offer.permitted:
        return
    if offer.denied and offer.decision:
        yield Reason(
            code="denied",
            message=f"{offer.decision.who} denied it: {offer.decision.reason}",
            owner=Party.CUSTOMER,
            remediation="permit it, or name another window",
            clause="MU-4",
        )
    elif not offer.in_time:
        yield Reason(
            code="offered-late",
            message="the window was not offered in time, so silence is no consent",
            owner=Party.VENDOR,
            remediation="ask the customer for an express permit, or wait for the next window",
            clause="MU-3",
        )


def _emergency(
    contract: Contract,
    emergency: Emergency,
    history: History,
    windows: Sequence[Interval],
    now: datetime,
) -> PendingUpdate:
    received_at, limit = emergency.received_at, emergency.permit_by
    denied = blocking(history.until(now), emergency.item).at(now)
    in_clock = next((window for window in windows if limit and window.start < limit), None)
    effective = Date(at=None, because="its notice has not been received", clause="MU-4")
    if denied:
        effective = Date(at=None, because="the customer stands in its way", clause="MU-4")
    elif in_clock:
        effective = Date(at=in_clock.start, because="the first window before its clock ends", clause="MU-4")
    elif received_at and not contract.runs.emergency_outside_window:
        start = windows[0].start if windows else None
        effective = Date(at=start, because="the contract lets nothing run outside of its windows", clause="MU-1")
    elif received_at:
        lead = received_at + contract.terms.emergency_lead
        effective = Date(at=max(lead, now), because="no window lies before the end of its clock", clause="MU-4")
    return PendingUpdate(
        item=emergency.item,
        version=emergency.version,
        release_class=emergency.release_class,
        earliest=Date(at=received_at, because="sooner than the window, once its notice was received", clause="MU-2"),
        due=Date(at=limit, because="the days after receipt in which the customer may permit it", clause="MU-4"),
        forced=Date(at=limit, because="not permitting it until then is escalated", clause="MU-4"),
        effective=effective,
        blockers=(
            Reason(
                code="emergency-blocked",
                message="the customer denied it, or a blocker on the customer's side stopped it",
                owner=Party.CUSTOMER,
                remediation="permit it, or remove the blocker and say so",
                clause="MU-4",
            ),
        )
        if denied
        else (),
    )
