"""Whether a planned run may still change the installation: read again immediately before its first mutation (MU-3).

A customer may object until then, also after the window began. What is said later changes nothing about the permission;
`objection` is then what the contract's `onWithdrawal` is about.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

from kastellan.domain.contract import Contract, digest
from kastellan.domain.history import Decided, DecisionKind, History, Item
from kastellan.domain.ledger import utc_text
from kastellan.domain.offers import Offer, offers
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.domain.run import RunPlan, RunRecord
from kastellan.domain.run_policy import OnWithdrawal
from kastellan.domain.standing import State, standing


class Effect(StrEnum):
    """What an objection comes to for a run that is under way (MU-3)."""

    STOPS = "stops"
    """The installation is not changed."""
    FINISHES = "finishes"
    """It came after the installation was first changed, and the contract lets the run finish."""
    UNDONE = "undone"
    """It came after that, and the contract has the update undone."""


def effect_of_objection(run: RunRecord) -> Effect:
    """What an objection comes to that is recorded now, for the run as it is read after that."""
    if not run.changed:
        return Effect.STOPS
    undone = run.plan.policy.on_withdrawal is OnWithdrawal.UNDO and run.plan.undo
    return Effect.UNDONE if undone else Effect.FINISHES


def refusals(plan: RunPlan, contract: Contract, history: History, now: datetime) -> tuple[Reason, ...]:
    """Why the run may not begin to change anything; empty where it may.

    Args:
        plan: the run.
        contract: as it is written now.
        history: as it is recorded now.
        now: the instant (UTC).
    """
    return tuple(_refusals(plan, contract, history, now))


def objection(history: History, item: Item, start: datetime | None) -> Decided | None:
    """The denial that is the customer's last word about a window, or about an emergency; None where it is another."""
    said = [fact for fact in history.of(Decided) if (fact.item, fact.start) == (item, start)]
    if item.month is None:
        said = [fact for fact in history.of(Decided) if fact.item == item]
    return said[-1] if said and said[-1].kind is DecisionKind.DENY else None


def _refusals(plan: RunPlan, contract: Contract, history: History, now: datetime) -> Iterator[Reason]:
    if digest(contract) != plan.contract_digest:
        yield _ours("contract-changed", "the contract was changed since the run was planned", "plan it anew", "MU-3")
    found = standing(contract, history, now)
    if found.state is State.ENDED:
        yield _ours("contract-ended", "the contract has ended", "nothing is to be done any more", "MU-5")
    if plan.window_end is not None and now >= plan.window_end:
        yield _ours("window-over", f"its window ended at {utc_text(plan.window_end)}", "wait for the next one", "MU-1")
    denied = objection(history, plan.item, plan.window_start)
    if denied is not None:
        yield Reason(
            code="denied",
            message=f"{denied.who} denied it at {utc_text(denied.at)}: {denied.reason}",
            owner=Party.CUSTOMER,
            remediation="permit it, or name another window",
            clause="MU-4",
        )
    elif plan.item.month is not None:
        offered = offers(history, contract.terms, contract.zone)
        offer = next((one for one in offered if (one.item, one.start) == (plan.item, plan.window_start)), None)
        yield from _about_offer(offer, history)


def _about_offer(offer: Offer | None, history: History) -> Iterator[Reason]:
    if offer is None or offer.moved:
        yield _ours("not-offered", "this window is not offered any more", "wait for the window of the offer", "MU-3")
        return
    said = [fact.kind for fact in history.of(Decided) if (fact.item, fact.start) == (offer.item, offer.start)]
    match said[-1] if said else None:
        case DecisionKind.PERMIT:
            permitted = True
        case DecisionKind.WITHDRAW:  # leaves silence, which is no consent to what was offered late
            permitted = offer.in_time
        case _:
            permitted = offer.permitted
    if not permitted:
        yield _ours(
            "offered-late",
            "the window was not offered in time, so silence is no consent",
            "ask the customer for an express permit, or wait for the next window",
            "MU-3",
        )


def _ours(code: str, message: str, remediation: str, clause: str) -> Reason:
    return Reason(code=code, message=message, owner=Party.VENDOR, remediation=remediation, clause=clause)
