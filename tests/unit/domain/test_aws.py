"""What is derived for AWS without asking it: windows in UTC, the address plan, regions, names."""

from datetime import date, datetime, time, timedelta
from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kastellan.domain.aws_base import API_PORT, LOGIN_PORT, LONGEST_NAME, POD_ADDRESSES
from kastellan.domain.aws_maintenance import AwsMaintenance, aws_maintenance
from kastellan.domain.aws_network import MOST_ZONES, SMALLEST_PREFIX, WIDEST_PREFIX, network_plan, network_problems
from kastellan.domain.aws_region import AWS_REGIONS
from kastellan.domain.contract import Contract
from kastellan.domain.local_time import resolve
from kastellan.domain.machine import machine_types
from kastellan.domain.service_plan import Platform, ServicePlan
from kastellan.domain.window import Recurrence, RecurringTime

ZONES = ("UTC", "Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEK = 7 * 24 * 60


def _contract(zone: str, start: time, hours: int) -> Contract:
    window = RecurringTime(
        name="night", recurrence=Recurrence("FREQ=MONTHLY;BYDAY=2TU"), first=date(2026, 1, 1), start=start,
        duration=timedelta(hours=hours),
    )  # fmt: skip
    return Contract(plan=ServicePlan.ADVANCED, zone=zone, windows=(window,))


def _minutes(text: str) -> int:
    day, hour, minute = text.split(":")
    return _DAYS.index(day) * 1440 + int(hour) * 60 + int(minute)


def _weekly(maintenance: AwsMaintenance) -> tuple[int, int]:
    """Start in minutes of the week, and length."""
    start, end = map(_minutes, maintenance.window.split("-"))
    return start, (end - start) % _WEEK


_TIMES = st.times().map(lambda t: t.replace(second=0, microsecond=0))


@given(st.sampled_from(ZONES), _TIMES, st.integers(1, 24))
def test_both_windows_have_the_half_hour_that_rds_asks_for_and_never_overlap(
    zone: str, start: time, hours: int
) -> None:
    maintenance = aws_maintenance(_contract(zone, start, hours))
    begin, length = _weekly(maintenance)
    assert 30 <= length <= 8 * 60
    first, last = (int(text[:2]) * 60 + int(text[3:]) for text in maintenance.backup.split("-"))
    backup = (last - first) % 1440
    assert backup >= 30
    after = (first - begin) % 1440  # of the maintenance's own day, on which a backup comes as on every other
    assert after >= length
    assert after + backup <= 1440


@given(
    st.sampled_from(ZONES),
    st.integers(0, 23),
    st.integers(2, 12),
    st.sampled_from([date(2026, 2, 3), date(2026, 8, 4)]),
)
def test_the_hours_lie_within_the_contracts_hours_in_winter_and_in_summer(
    zone: str, hour: int, hours: int, day: date
) -> None:
    begin, length = _weekly(aws_maintenance(_contract(zone, time(hour), hours)))
    opens = resolve(datetime.combine(day, time(hour)), zone)[0]
    after = (begin - opens.hour * 60 - opens.minute) % 1440
    assert after + length <= hours * 60


def test_without_a_contract_the_vendors_night_is_taken() -> None:
    assert aws_maintenance(None) == AwsMaintenance(window="tue:22:00-wed:04:00", backup="04:30-05:30")


@given(st.integers(WIDEST_PREFIX, SMALLEST_PREFIX), st.integers(0, 2**24 - 1), st.integers(3, MOST_ZONES))
def test_the_subnets_of_a_network_lie_in_it_and_apart(prefix: int, address: int, zones: int) -> None:
    whole = IPv4Network((10 << 24 | address, prefix), strict=False)
    plan = network_plan(whole, zones)
    parts = [*plan.private, *plan.public, *plan.database]
    assert [len(kind) for kind in (plan.private, plan.public, plan.database)] == [zones] * 3
    assert all(part.subnet_of(whole) for part in parts)
    assert not any(a.overlaps(b) for i, a in enumerate(parts) for b in parts[i + 1 :])
    assert all(subnet.prefixlen <= 27 for subnet in plan.public)  # what a load balancer asks for
    assert not plan.services.overlaps(whole)


@pytest.mark.parametrize(
    ("whole", "others", "said"),
    [
        ("8.8.0.0/16", [], "not private"),
        ("10.0.0.0/24", [], "too small; at least a /20"),
        ("10.0.0.0/12", [], "too wide; a /16 is the most"),
        ("10.0.0.0/16", ["10.0.128.0/20"], "overlaps 10.0.128.0/20"),
        ("172.17.0.0/16", [], "which the nodes use themselves"),
    ],
)
def test_a_bad_network_is_named(whole: str, others: list[str], said: str) -> None:
    (problem,) = network_problems(IPv4Network(whole), map(IPv4Network, others))
    assert said in problem


def test_the_zones_are_those_that_another_table_knows() -> None:
    from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend

    theirs = RegionsAndZonesBackend.zones
    wrong = {
        region: set(zones) - {zone.name for zone in theirs[region]}
        for region, zones in AWS_REGIONS.items()
        if region in theirs
    }
    assert {region: zones for region, zones in wrong.items() if zones} == {}
    assert all(len(set(zones)) >= 3 for zones in AWS_REGIONS.values())


def test_every_machine_that_is_sized_has_its_addresses() -> None:
    assert [machine.name for machine in machine_types(Platform.EKS)] == list(POD_ADDRESSES)


def test_the_longest_name_fits_the_shortest_limit_and_the_ports_are_kubernetes() -> None:
    assert LONGEST_NAME + len("-api-grpc") <= 32
    assert all(30000 <= port <= 32767 for port in (API_PORT, LOGIN_PORT))
