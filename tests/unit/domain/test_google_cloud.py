"""What is derived for Google Cloud without asking it: windows in UTC, the address plan, regions."""

from datetime import UTC, date, datetime, time, timedelta
from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kastellan.domain.contract import Contract
from kastellan.domain.google_maintenance import GoogleMaintenance, google_maintenance
from kastellan.domain.google_network import SMALLEST_PREFIX, network_plan, network_problems
from kastellan.domain.google_region import GOOGLE_REGIONS
from kastellan.domain.local_time import resolve
from kastellan.domain.service_plan import ServicePlan
from kastellan.domain.window import ClosedSpan, Recurrence, RecurringTime

NOW = datetime(2026, 11, 24, tzinfo=UTC)
ZONES = ("UTC", "Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu")


def _contract(zone: str, start: time, hours: int, *blackouts: ClosedSpan) -> Contract:
    window = RecurringTime(
        name="night", recurrence=Recurrence("FREQ=MONTHLY;BYDAY=2TU"), first=date(2026, 1, 1), start=start,
        duration=timedelta(hours=hours),
    )  # fmt: skip
    return Contract(plan=ServicePlan.ADVANCED, zone=zone, windows=(window,), blackouts=blackouts)


def _span(name: str, since: str, until: str) -> ClosedSpan:
    return ClosedSpan(name=name, start=datetime.fromisoformat(since), end=datetime.fromisoformat(until))


def _hours_in_32_days(maintenance: GoogleMaintenance) -> float:
    days = maintenance.recurrence.partition("BYDAY=")[2].split(",")
    return len(days) * 4 * (maintenance.end - maintenance.start) / timedelta(hours=1)


@given(
    st.sampled_from(ZONES), st.times().map(lambda t: t.replace(minute=0, second=0, microsecond=0)), st.integers(1, 24)
)
def test_gke_gets_the_48_hours_in_pieces_of_4_that_it_insists_on(zone: str, start: time, hours: int) -> None:
    maintenance = google_maintenance(_contract(zone, start, hours), NOW)
    assert _hours_in_32_days(maintenance) >= 48
    assert timedelta(hours=4) <= maintenance.end - maintenance.start <= timedelta(days=1)


@given(
    st.sampled_from(ZONES),
    st.integers(0, 23),
    st.integers(6, 12),
    st.sampled_from([date(2026, 2, 3), date(2026, 8, 4)]),
)
def test_the_hours_lie_within_the_contracts_hours_in_winter_and_in_summer(
    zone: str, hour: int, hours: int, day: date
) -> None:
    maintenance = google_maintenance(_contract(zone, time(hour), hours), NOW)
    begin = resolve(datetime.combine(day, time(hour)), zone)[0]
    end = begin + timedelta(hours=hours)
    starts = [
        datetime.combine(begin.date() + timedelta(days=shift), maintenance.start.timetz()) for shift in (-1, 0, 1)
    ]
    assert any(begin <= s and s + (maintenance.end - maintenance.start) <= end for s in starts)


def test_closed_times_close_everything_for_google_too_and_those_that_are_over_are_left_out() -> None:
    past = _span("past", "2026-01-01", "2026-02-01")
    freeze = _span("freeze", "2026-12-20", "2027-01-04")
    maintenance = google_maintenance(_contract("Europe/Zurich", time(22), 6, past, freeze), NOW)
    assert [(span.start, span.end) for span in maintenance.closed] == [
        (datetime(2026, 12, 19, 23, tzinfo=UTC), datetime(2027, 1, 3, 23, tzinfo=UTC))
    ]
    assert maintenance.database_closed == (date(2026, 12, 19), date(2027, 1, 3))


def test_no_more_and_no_longer_exclusions_than_gke_takes() -> None:
    spans = [_span(str(y), f"{y}-01-01", f"{y}-12-01") for y in range(2027, 2033)]
    closed = google_maintenance(_contract("UTC", time(22), 6, *spans), NOW).closed
    assert len(closed) == 3
    assert all(span.duration <= timedelta(days=90) for span in closed)


def test_without_a_contract_the_vendors_night_is_taken() -> None:
    maintenance = google_maintenance(None, NOW)
    assert (maintenance.start.hour, maintenance.end.hour) == (22, 4)


@given(st.integers(8, SMALLEST_PREFIX), st.integers(0, 2**24 - 1))
def test_the_parts_of_a_network_lie_in_it_and_apart(prefix: int, address: int) -> None:
    whole = IPv4Network((10 << 24 | address, prefix), strict=False)
    plan = network_plan(whole)
    parts = [plan.nodes, plan.pods, plan.services, plan.database]
    assert all(part.subnet_of(whole) for part in parts)
    assert not any(a.overlaps(b) for i, a in enumerate(parts) for b in parts[i + 1 :])
    assert plan.most_nodes >= 16
    assert plan.database.prefixlen <= 24


@pytest.mark.parametrize(
    ("whole", "others", "said"),
    [
        ("8.8.0.0/16", [], "not private"),
        ("10.0.0.0/24", [], "too small; at least a /19"),
        ("10.0.0.0/16", ["10.0.128.0/20"], "overlaps 10.0.128.0/20"),
        ("172.16.0.0/15", [], "which the nodes use themselves"),
    ],
)
def test_a_bad_network_is_named(whole: str, others: list[str], said: str) -> None:
    (problem,) = network_problems(IPv4Network(whole), map(IPv4Network, others))
    assert said in problem


def test_a_good_network_has_no_problem() -> None:
    assert network_problems(IPv4Network("10.40.0.0/16"), [IPv4Network("10.41.0.0/16")]) == []


def test_every_region_has_three_zones_of_its_own() -> None:
    assert all(len(set(zones)) >= 3 for zones in GOOGLE_REGIONS.values())
    assert all(zone.rpartition("-")[0] == region for region, zones in GOOGLE_REGIONS.items() for zone in zones)


def test_the_databases_hour_is_of_the_weekday_that_the_rule_gives_not_of_the_day_it_counts_from() -> None:
    contract = _contract("UTC", time(22), 6)  # from a Thursday on, on Tuesdays
    assert google_maintenance(contract, NOW).database_day == 2
    assert "TU" in google_maintenance(contract, NOW).recurrence
