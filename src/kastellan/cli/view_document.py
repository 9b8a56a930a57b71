"""An installation's view as one document: JSON is printed from it, and text is rendered from it."""

from datetime import datetime
from typing import Any

from kastellan.cli.installation_view import View
from kastellan.cli.view_guarantees import guarantees_document
from kastellan.domain.history import History
from kastellan.domain.ledger import utc_text
from kastellan.domain.offers import Offer
from kastellan.domain.standing import Standing
from kastellan.planning.pending_update import Date, PendingUpdate, installed_version

SCHEMA_VERSION = 1


def status_document(view: View) -> dict[str, Any]:
    """Version, standing, clocks, decisions, pending updates and guarantees."""
    plan = view.plan
    return {
        **standing_document(plan.stack, plan.contract.zone, view.history, view.standing, plan.now, months=6),
        "kind": "InstallationStatus",
        "nextWindow": _instant(view.windows[0].start) if view.windows else None,
        "pending": [pending_document(update) for update in view.pending],
        "guarantees": guarantees_document(view),
    }


def standing_document(
    installation: str, zone: str, history: History, found: Standing, now: datetime, *, months: int = 0
) -> dict[str, Any]:
    """What follows from the contract and the ledger alone.

    Args:
        installation: its name.
        zone: the contract's.
        history: what happened.
        found: the standing at `now`.
        now: the instant (UTC).
        months: how many of the last months are listed; 0 for all.
    """
    installed = installed_version(history)
    return {
        "schemaVersion": SCHEMA_VERSION,
        "kind": "InstallationStanding",
        "installation": installation,
        "zone": zone,
        "asOf": utc_text(now),
        "version": str(installed) if installed else None,
        "state": found.state.value,
        "suspended": found.suspended,
        "deniedMonthsInRow": found.denied_in_row,
        "quarterEnds": _instant(found.cadence.due_by) if found.cadence else None,
        "promiseBrokenBy": found.cadence.missed_for.value if found.cadence and found.cadence.missed_for else None,
        "clocks": _clocks(found),
        "months": [
            {"month": str(record.month), "state": record.state.value, "because": record.because}
            for record in found.months[-months:]
        ],
        "escalations": [
            {
                "item": str(one.item),
                "failedAt": utc_text(one.failed_at),
                "resolveBy": utc_text(one.resolve_by),
                "rightAt": _instant(one.right_at),
                "completedAt": _instant(one.completed_at),
                "because": one.because,
            }
            for one in found.escalations
        ],
        "suspensions": [
            {"since": utc_text(one.since), "until": _instant(one.until), "item": str(one.item), "because": one.because}
            for one in found.suspensions
        ],
        "decisions": [_offer(offer) for offer in found.offers if offer.end > now],
    }


def pending_document(update: PendingUpdate) -> dict[str, Any]:
    """One pending update with its dates, reasons and clauses."""
    return {
        "item": str(update.item),
        "version": str(update.version),
        "class": update.release_class.value,
        "earliest": _date(update.earliest),
        "due": _date(update.due),
        "forced": _date(update.forced),
        "effective": _date(update.effective),
        "downtimeExpected": update.downtime_expected,
        "advisories": [{"name": one.name, "link": one.link, "action": one.action} for one in update.advisories],
        "blockers": [
            {
                "code": reason.code,
                "message": reason.message,
                "owner": reason.owner.value,
                "remediation": reason.remediation,
                "clause": reason.clause,
            }
            for reason in update.blockers
        ],
    }


def _clocks(found: Standing) -> list[dict[str, Any]]:
    clocks = [
        {"what": f"permit {one.item}", "ends": utc_text(one.permit_by), "clause": "MU-4"}
        for one in found.emergencies
        if one.permit_by and not one.completed_at
    ]
    clocks += [
        {"what": f"resolve the escalation of {one.item}", "ends": utc_text(one.resolve_by), "clause": "MU-5"}
        for one in found.escalations
        if not one.completed_at and not one.right_at
    ]
    if found.ends_at:
        clocks.append({"what": "the contract ends", "ends": utc_text(found.ends_at), "clause": "MU-5"})
    return clocks


def _offer(offer: Offer) -> dict[str, Any]:
    return {
        "item": str(offer.item),
        "start": utc_text(offer.start),
        "offeredInTime": offer.in_time,
        "decision": offer.decision.kind.value if offer.decision else None,
        "who": offer.decision.who if offer.decision else None,
        "mayRun": offer.permitted,
    }


def _date(date: Date) -> dict[str, Any]:
    return {"at": _instant(date.at), "because": date.because, "clause": date.clause}


def _instant(instant: datetime | None) -> str | None:
    return utc_text(instant) if instant else None
