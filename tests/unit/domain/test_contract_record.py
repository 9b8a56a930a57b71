"""A contract is read from the ledger as it was recorded."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kastellan.domain.canonical import digest
from kastellan.domain.contract import Contract, HolidayCalendar
from kastellan.domain.contract_record import contract_document, contract_draft, read_contract
from kastellan.domain.service_plan import ServicePlan
from kastellan.domain.terms import Terms
from kastellan.domain.window import ClosedSpan, Recurrence, RecurringTime

recurring = st.builds(
    RecurringTime,
    name=st.text(max_size=10),
    recurrence=st.sampled_from([Recurrence("FREQ=MONTHLY;BYDAY=1TU"), Recurrence("FREQ=DAILY;INTERVAL=3")]),
    first=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    start=st.times().map(lambda moment: moment.replace(microsecond=0)),
    duration=st.integers(1, 86_400).map(lambda seconds: timedelta(seconds=seconds)),
)
spans = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(
    lambda start: ClosedSpan(name="freeze", start=start, end=start + timedelta(days=3))
)
contracts = st.builds(
    Contract,
    plan=st.sampled_from(ServicePlan),
    zone=st.sampled_from(["Europe/Zurich", "Pacific/Apia"]),
    windows=st.lists(recurring, max_size=2).map(tuple),
    blackouts=st.lists(spans, max_size=2).map(tuple),
    recurring_blackouts=st.lists(recurring, max_size=2).map(tuple),
    holidays=st.none() | st.just(HolidayCalendar(country="CH", subdivision="SG")),
    blackout_calendar=st.sampled_from(["", "closed.ics"]),
    notify=st.lists(st.text(max_size=5), max_size=2).map(tuple),
    terms=st.builds(Terms, denied_months=st.integers(1, 9), emergency_lead=st.just(timedelta(hours=7))),
)


@given(contracts)
def test_what_is_read_is_what_was_recorded(contract: Contract) -> None:
    assert read_contract(contract_document(contract)) == contract


def test_another_number_gives_another_digest() -> None:
    one = Contract(plan=ServicePlan.STANDARD, zone="Europe/Zurich")
    other = Contract(plan=ServicePlan.STANDARD, zone="Europe/Zurich", terms=Terms(denied_months=4))
    assert digest(contract_document(one)) != digest(contract_document(other))


def test_a_draft_names_the_instant_so_that_a_contract_may_come_back() -> None:
    one = Contract(plan=ServicePlan.STANDARD, zone="Europe/Zurich")
    assert contract_draft(one, datetime(2026, 1, 1, tzinfo=UTC)).key == "contract-recorded/2026-01-01T00:00:00Z"


def test_what_is_no_contract_is_refused() -> None:
    with pytest.raises(ValueError, match="the recorded contract cannot be read"):
        read_contract({"plan": "advanced"})
