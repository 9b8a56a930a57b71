"""May the customer say this now? Every reason against it at once, before anything is recorded (MU-3, MU-4).

In a window that has begun, a customer may still object, take that back, or take a permit back: until the installation
is first changed nothing is changed then; after that the contract says what becomes of the run (`run_permission`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from kastellan.domain.contract import Contract
from kastellan.domain.errors import BlockedError
from kastellan.domain.history import (
    Decided,
    DecisionKind,
    Fact,
    History,
    Item,
    NoticeReceived,
    Verdict,
    WindowOffered,
)
from kastellan.domain.interval import Interval
from kastellan.domain.local_time import Month
from kastellan.domain.offers import Offer
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.domain.standing import Standing, State
from kastellan.planning.pending_update import admissible


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody says about an item, before it is checked; attributes as of `Decided`."""

    item: Item
    kind: DecisionKind
    chosen: datetime | None = None
    who: str
    channel: str
    reason: str


def decide(
    contract: Contract, history: History, found: Standing, windows: Sequence[Interval], wish: Wish, now: datetime
) -> Decided:
    """The fact to record.

    Args:
        contract: of the installation.
        history: what happened.
        found: its standing at `now`.
        windows: maintenance windows from `now` on.
        wish: what is said.
        now: when it is said (UTC).

    Raises:
        BlockedError: it cannot be said, with every reason.
    """
    offer = current_offer(found, wish.item, now)
    refusals = (*_incomplete(wish), *_refusals(contract, history, found, windows, wish, offer, now))
    if refusals:
        raise BlockedError(f"{wish.kind.value} of {wish.item} cannot be recorded", refusals)
    return Decided(
        at=now,
        item=wish.item,
        kind=wish.kind,
        start=offer.start if offer else None,
        chosen=wish.chosen,
        who=wish.who.strip(),
        channel=wish.channel.strip(),
        reason=wish.reason.strip(),
    )


def chosen_offer(decided: Decided, found: Standing, windows: Sequence[Interval]) -> tuple[Fact, ...]:
    """The offer of the window that the customer named instead, and therefore knows of; empty where none was named."""
    before = next((offer for offer in found.offers if (offer.item, offer.start) == (decided.item, decided.start)), None)
    window = next((window for window in windows if window.start == decided.chosen), None)
    if before is None or window is None:
        return ()
    offered = WindowOffered(
        at=decided.at, item=decided.item, start=window.start, end=window.end, version=before.version
    )
    return (offered, NoticeReceived(at=decided.at, item=decided.item, start=window.start))


def current_offer(found: Standing, item: Item, now: datetime) -> Offer | None:
    """The item's offered window that has begun, else the next one, if the customer did not ask for another instead."""
    standing_offers = [offer for offer in found.offers if offer.item == item and offer.end > now and not offer.moved]
    begun = [offer for offer in standing_offers if offer.start <= now and not _completed(offer)]
    return begun[0] if begun else standing_offers[-1] if standing_offers else None


def _completed(offer: Offer) -> bool:
    return offer.run is not None and offer.run.verdict is Verdict.PASSED


def _incomplete(wish: Wish) -> Iterator[Reason]:
    for name, value, remedy in (
        ("who", wish.who, "name the person who said it (--who)"),
        ("channel", wish.channel, "say how it reached us, such as mail (--channel)"),
    ):
        if not value.strip():
            yield _reason("incomplete-decision", f"{name} is empty", remedy, "MU-3")
    if wish.kind is not DecisionKind.PERMIT and not wish.reason.strip():
        yield _reason("incomplete-decision", "the reason is empty", "give the customer's reason (--reason)", "MU-3")


def _refusals(
    contract: Contract,
    history: History,
    found: Standing,
    windows: Sequence[Interval],
    wish: Wish,
    offer: Offer | None,
    now: datetime,
) -> Iterator[Reason]:
    if found.state is State.ENDED:
        yield _reason("contract-ended", "the contract has ended", "nothing is to be decided any more", "MU-5")
        return
    if wish.item.month is None:
        yield from _about_emergency(found, wish)
        return
    if offer is None:
        yield _not_offered(found, wish.item, now)
        return
    if offer.start <= now:
        yield from _about_begun(offer, wish)
    elif wish.kind in (DecisionKind.DEFER, DecisionKind.PULL_FORWARD):
        yield from _about_another_window(contract, history, found, windows, wish, offer, now)
    elif wish.chosen is not None:
        yield _reason("no-other-window", f"{wish.kind.value} takes no other window", "leave --window out", "MU-3")


def _about_begun(offer: Offer, wish: Wish) -> Iterator[Reason]:
    """What can no longer be said, for the window has begun."""
    if _completed(offer):
        yield _reason("already-completed", f"{wish.item} has completed", "nothing is left to decide", "MU-3")
    elif wish.kind in (DecisionKind.DEFER, DecisionKind.PULL_FORWARD):
        yield _reason("already-past", f"the window of {wish.item} has begun", "deny it, or let it run", "MU-3")
    elif wish.kind is DecisionKind.PERMIT and not offer.permitted:
        message = f"{wish.item} was not permitted when its window began, so it does not run in it"
        yield _reason("already-past", message, "decide about the next", "MU-3")
    if wish.chosen is not None and wish.kind not in (DecisionKind.DEFER, DecisionKind.PULL_FORWARD):
        yield _reason("no-other-window", f"{wish.kind.value} takes no other window", "leave --window out", "MU-3")


def _about_emergency(found: Standing, wish: Wish) -> Iterator[Reason]:
    emergency = next((one for one in found.emergencies if one.item == wish.item), None)
    if emergency is None:
        yield _reason("never-offered", f"{wish.item} is not known here", "see the items of `kastellan pending`", "MU-4")
    elif emergency.completed_at:
        yield _reason("already-completed", f"{wish.item} has completed", "nothing is left to decide", "MU-4")
    if wish.kind in (DecisionKind.DEFER, DecisionKind.PULL_FORWARD):
        yield _reason("no-window", "an emergency has no window to move", "permit or deny it", "MU-4")


def _not_offered(found: Standing, item: Item, now: datetime) -> Reason:
    past = [offer for offer in found.offers if offer.item == item and offer.end <= now]
    if past:
        return _reason("already-past", f"the window of {item} is past", "decide about the next", "MU-3")
    return _reason("never-offered", f"no window was offered for {item}", "wait for the offer", "MU-3")


def _about_another_window(
    contract: Contract,
    history: History,
    found: Standing,
    windows: Sequence[Interval],
    wish: Wish,
    offer: Offer,
    now: datetime,
) -> Iterator[Reason]:
    forward = wish.kind is DecisionKind.PULL_FORWARD
    if wish.chosen is None:
        if forward:
            yield _reason("no-window-chosen", "no earlier window is named", "name its start (--window)", "MU-3")
    elif not any(window.start == wish.chosen for window in admissible(windows)):
        yield _reason("no-such-window", "no window of 4 h begins then", "choose one of `kastellan windows`", "MU-1")
    elif wish.chosen <= now or (wish.chosen < offer.start) is not forward:
        side = "earlier, and not past" if forward else "later"
        yield _reason("wrong-side", f"the window asked for is not {side}", "choose another one", "MU-3")
    elif Month.of(wish.chosen, contract.zone) != wish.item.month:
        yield _reason("other-month", "the window asked for is of another month", "choose one of this month", "MU-3")
    if forward:
        return
    if found.state not in (State.NORMAL, State.DENYING):
        yield _reason("escalated", "while it is escalated nothing is deferred", "permit it, or deny it", "MU-4")
    used = _deferrals(contract, history, offer.start)
    if used >= contract.terms.deferrals_per_quarter:
        allowed = contract.terms.deferrals_per_quarter
        yield _reason("no-deferral-left", f"{used} of {allowed} deferrals are used", "permit it, or deny it", "MU-3")
    cadence = found.cadence
    after = [w.start for w in admissible(windows) if w.start > offer.start and w.start >= (wish.chosen or offer.end)]
    if cadence and (not after or after[0] >= cadence.due_by):
        yield _reason(
            "breaks-quarter",
            f"no window is left before the quarterly promise ends on {cadence.due_by:%Y-%m-%d}",
            "permit it, or deny it",
            "MU-2",
        )


def _deferrals(contract: Contract, history: History, start: datetime) -> int:
    def quarter(instant: datetime) -> tuple[int, int]:
        month = Month.of(instant, contract.zone)
        return month.year, (month.number - 1) // 3

    deferred = {(fact.item, fact.start): fact.kind is DecisionKind.DEFER for fact in history.of(Decided) if fact.start}
    return sum(is_deferral and quarter(at) == quarter(start) for (_, at), is_deferral in deferred.items())


def _reason(code: str, message: str, remediation: str, clause: str) -> Reason:
    return Reason(code=code, message=message, owner=Party.CUSTOMER, remediation=remediation, clause=clause)
