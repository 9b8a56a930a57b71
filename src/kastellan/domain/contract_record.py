"""A contract as it is recorded in the ledger: with it and the history a customer computes the same dates as we do.

What decides about dates is recorded whole, as canonical JSON; the closed times of a calendar file and the public
holidays are in the windows that were promised.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from kastellan.domain.canonical import digest
from kastellan.domain.contract import Contract, HolidayCalendar
from kastellan.domain.ledger import Draft, Json, LedgerEntry, utc_text
from kastellan.domain.service_plan import ServicePlan
from kastellan.domain.terms import Terms
from kastellan.domain.window import ClosedSpan, Recurrence, RecurringTime

RECORDED = "contract-recorded"


def contract_draft(contract: Contract, at: datetime) -> Draft:
    """What the ledger records of a contract that is in force from an instant (UTC)."""
    document = contract_document(contract)
    body: dict[str, Json] = {"digest": digest(document), "contract": document}
    return Draft(kind=RECORDED, key=f"{RECORDED}/{utc_text(at)}", at=at, body=body)


def last_contract(entries: Iterable[LedgerEntry]) -> Mapping[str, Any] | None:
    """The document of the contract that was recorded last, or None where none was."""
    found = [entry for entry in entries if entry.kind == RECORDED]
    document = found[-1].body["contract"] if found else None
    return document if isinstance(document, Mapping) else None


def contract_document(contract: Contract) -> dict[str, Json]:
    """The contract as JSON; durations in whole seconds, times local."""
    terms = contract.terms
    holidays = contract.holidays
    return {
        "schemaVersion": 1,
        "plan": contract.plan.value,
        "zone": contract.zone,
        "windows": [recurring_document(rule) for rule in contract.windows],
        "blackouts": [span_document(span) for span in contract.blackouts],
        "recurringBlackouts": [recurring_document(rule) for rule in contract.recurring_blackouts],
        "holidays": {"country": holidays.country, "subdivision": holidays.subdivision} if holidays else None,
        "blackoutCalendar": contract.blackout_calendar,
        "notify": list(contract.notify),
        "terms": {
            "deniedMonths": terms.denied_months,
            "emergencyDays": terms.emergency_days,
            "resolutionDays": terms.resolution_days,
            "terminationDays": terms.termination_days,
            "offerDays": terms.offer_days,
            "timelyDays": terms.timely_days,
            "deferralsPerQuarter": terms.deferrals_per_quarter,
            "emergencyLeadSeconds": _seconds(terms.emergency_lead),
            "receiptWithoutConfirmationSeconds": _seconds(terms.receipt_without_confirmation),
        },
    }


def read_contract(document: Mapping[str, Any]) -> Contract:
    """The contract of a document that `contract_document` made.

    Raises:
        ValueError: it is none.
    """
    try:
        terms, holidays = document["terms"], document["holidays"]
        return Contract(
            plan=ServicePlan(document["plan"]),
            zone=document["zone"],
            windows=tuple(map(_recurring, document["windows"])),
            blackouts=tuple(map(_span, document["blackouts"])),
            recurring_blackouts=tuple(map(_recurring, document["recurringBlackouts"])),
            holidays=HolidayCalendar(**holidays) if holidays else None,
            blackout_calendar=document["blackoutCalendar"],
            notify=tuple(document["notify"]),
            terms=Terms(
                denied_months=terms["deniedMonths"],
                emergency_days=terms["emergencyDays"],
                resolution_days=terms["resolutionDays"],
                termination_days=terms["terminationDays"],
                offer_days=terms["offerDays"],
                timely_days=terms["timelyDays"],
                deferrals_per_quarter=terms["deferralsPerQuarter"],
                emergency_lead=timedelta(seconds=terms["emergencyLeadSeconds"]),
                receipt_without_confirmation=timedelta(seconds=terms["receiptWithoutConfirmationSeconds"]),
            ),
        )
    except (KeyError, TypeError) as cause:
        raise ValueError(f"the recorded contract cannot be read: {type(cause).__name__}: {cause}") from cause


def recurring_document(rule: RecurringTime) -> dict[str, Json]:
    """A recurring time as JSON."""
    return {
        "name": rule.name,
        "recurrence": rule.recurrence.text,
        "first": rule.first.isoformat(),
        "start": rule.start.isoformat(),
        "seconds": _seconds(rule.duration),
    }


def span_document(span: ClosedSpan) -> dict[str, Json]:
    """A closed time as JSON."""
    return {"name": span.name, "start": span.start.isoformat(), "end": span.end.isoformat()}


def _recurring(document: Mapping[str, Any]) -> RecurringTime:
    return RecurringTime(
        name=document["name"],
        recurrence=Recurrence(document["recurrence"]),
        first=date.fromisoformat(document["first"]),
        start=time.fromisoformat(document["start"]),
        duration=timedelta(seconds=document["seconds"]),
    )


def _span(document: Mapping[str, Any]) -> ClosedSpan:
    start, end = (datetime.fromisoformat(document[name]) for name in ("start", "end"))
    return ClosedSpan(name=document["name"], start=start, end=end)


def _seconds(duration: timedelta) -> int:
    return duration // timedelta(seconds=1)
