"""Sizes from the load: a lost zone costs nothing that was promised (DI-2), and more load never means less."""

from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kastellan.domain.errors import InvalidInputError
from kastellan.domain.load import Load
from kastellan.domain.machine import database_tiers, machine_types
from kastellan.domain.service_plan import Platform, ServicePlan
from kastellan.domain.size import SizeName
from kastellan.domain.sizing import (
    CPU_PER_LOGIN,
    CPU_PER_REQUEST,
    REQUESTS_PER_DATABASE_CPU,
    REQUESTS_PER_LOGIN,
    RESERVED_CONNECTIONS,
    UTILISATION,
    Sizing,
    requests_of,
    size_for,
    sizing_of,
)

LOADS = st.builds(
    Load,
    users=st.integers(min_value=0, max_value=300_000),
    logins_per_second=st.none() | st.floats(min_value=0, max_value=60),
    requests_per_second=st.floats(min_value=0, max_value=2_000),
    clients_at_limit=st.integers(min_value=0, max_value=20),
)
PLANS = st.sampled_from(ServicePlan)
PLATFORMS = st.sampled_from(Platform)
ZONES = st.integers(min_value=3, max_value=5)


def _replicas_by_zone(sizing: Sizing) -> list[int]:
    """As the scheduler spreads them, with a skew of at most one."""
    return [len(range(zone, sizing.size.replicas, sizing.zones)) for zone in range(sizing.zones)]


@given(LOADS, PLANS, PLATFORMS, ZONES)
def test_whatever_zone_is_lost_the_rest_carries_the_load(
    load: Load, plan: ServicePlan, platform: Platform, zones: int
) -> None:
    sizing = size_for(load, plan=plan, platform=platform, zones=zones)
    needed = load.logins * CPU_PER_LOGIN + (load.requests_per_second + load.limited_requests) * CPU_PER_REQUEST
    spread = _replicas_by_zone(sizing)
    for lost in range(zones):
        left = sum(spread) - spread[lost]
        assert left * sizing.size.api.cpu_limit / 1000 * UTILISATION[plan] >= needed - 1e-9


@given(LOADS, PLANS, PLATFORMS, ZONES)
def test_the_nodes_of_each_zone_hold_its_pods_at_their_limits_and_one_more_during_an_update(
    load: Load, plan: ServicePlan, platform: Platform, zones: int
) -> None:
    sizing = size_for(load, plan=plan, platform=platform, zones=zones)
    api, login = sizing.size.api, sizing.size.login
    on_a_node = ceil(max(_replicas_by_zone(sizing)) / sizing.nodes_per_zone)
    cpu = on_a_node * api.cpu_limit + login.cpu_limit + api.cpu_request
    memory = (on_a_node + 1) * api.memory_limit + login.memory_limit
    assert cpu <= sizing.machine.usable_cpu * 1000
    assert memory <= sizing.machine.usable_memory * 1024


@given(LOADS, PLANS, PLATFORMS, ZONES)
def test_the_database_is_sized_for_the_requests_and_the_connections(
    load: Load, plan: ServicePlan, platform: Platform, zones: int
) -> None:
    sizing = size_for(load, plan=plan, platform=platform, zones=zones)
    assert sizing.tier.cpu * REQUESTS_PER_DATABASE_CPU >= requests_of(load)
    assert sizing.connections + RESERVED_CONNECTIONS <= sizing.tier.max_connections
    pods = sizing.size.replicas + sizing.size.surge(zones) + 1
    assert sizing.connections >= pods * sizing.size.connections_per_replica


@given(LOADS, LOADS, PLANS, PLATFORMS)
def test_more_load_never_gets_less(one: Load, other: Load, plan: ServicePlan, platform: Platform) -> None:
    more = Load(
        users=max(one.users, other.users),
        logins_per_second=max(one.logins, other.logins),
        requests_per_second=max(one.requests_per_second, other.requests_per_second),
        clients_at_limit=max(one.clients_at_limit, other.clients_at_limit),
    )
    small, big = (size_for(load, plan=plan, platform=platform) for load in (one, more))
    assert big.size.replicas * big.size.api.cpu_limit >= small.size.replicas * small.size.api.cpu_limit
    assert big.nodes_per_zone * big.machine.cpu >= small.nodes_per_zone * small.machine.cpu
    assert big.tier.cpu >= small.tier.cpu
    assert big.connections >= small.connections


@given(LOADS, PLATFORMS)
def test_the_plan_with_more_availability_is_never_sized_below_the_other(load: Load, platform: Platform) -> None:
    standard, advanced = (size_for(load, plan=plan, platform=platform) for plan in ServicePlan)
    assert advanced.cpu_after_zone_loss / UTILISATION[ServicePlan.ADVANCED] >= (
        standard.cpu_after_zone_loss / UTILISATION[ServicePlan.STANDARD]
    )


@pytest.mark.parametrize("platform", Platform)
def test_a_load_that_no_size_carries_is_refused_with_the_part_that_is_too_much(platform: Platform) -> None:
    with pytest.raises(InvalidInputError, match=r"needs \d+ vCPU of ZITADEL"):
        size_for(Load(users=0, logins_per_second=5000), plan=ServicePlan.STANDARD, platform=platform)
    with pytest.raises(InvalidInputError, match="requests/s over"):
        size_for(Load(users=0, requests_per_second=9900), plan=ServicePlan.STANDARD, platform=platform)


@pytest.mark.parametrize("name", SizeName)
@pytest.mark.parametrize("plan", ServicePlan)
def test_the_load_that_a_named_size_carries_is_sized_to_that_size(name: SizeName, plan: ServicePlan) -> None:
    named = sizing_of(name, plan=plan, platform=Platform.GKE)
    logins = named.logins_after_zone_loss * 0.999
    again = size_for(Load(users=0, logins_per_second=logins, clients_at_limit=0), plan=plan, platform=Platform.GKE)
    assert (again.size, again.machine, again.nodes_per_zone, again.tier) == (
        named.size, named.machine, named.nodes_per_zone, named.tier,
    )  # fmt: skip


@given(st.sampled_from(SizeName), PLANS, PLATFORMS, ZONES)
def test_a_named_size_loses_a_zone_as_a_sized_one_does(
    name: SizeName, plan: ServicePlan, platform: Platform, zones: int
) -> None:
    sizing = sizing_of(name, plan=plan, platform=platform, zones=zones)
    spread, api, login = _replicas_by_zone(sizing), sizing.size.api, sizing.size.login
    left = (sum(spread) - max(spread)) * api.cpu_limit / 1000 * UTILISATION[plan]
    assert sizing.cpu_after_zone_loss == pytest.approx(left)
    assert left > 0
    carried = left / CPU_PER_LOGIN
    assert sizing.tier.cpu * REQUESTS_PER_DATABASE_CPU >= carried * REQUESTS_PER_LOGIN - 1e-9
    on_a_node = ceil(max(spread) / sizing.nodes_per_zone)
    assert on_a_node * api.cpu_limit + login.cpu_limit + api.cpu_request <= sizing.machine.usable_cpu * 1000
    assert sizing.connections + RESERVED_CONNECTIONS <= sizing.tier.max_connections


@given(LOADS, PLANS, PLATFORMS, ZONES)
def test_every_number_of_the_result_is_in_the_reasoning_and_every_line_names_its_source(
    load: Load, plan: ServicePlan, platform: Platform, zones: int
) -> None:
    sizing = size_for(load, plan=plan, platform=platform, zones=zones)
    shown = {step.what: step.value for step in sizing.steps}
    assert [step.what for step in sizing.steps if not step.source or not step.because] == []
    assert len(shown) == len(sizing.steps)
    size = sizing.size
    assert shown["API pods"] == f"{size.replicas} x {size.api.cpu_limit / 1000:g} vCPU"
    assert shown["login pods"] == f"{size.login_replicas} x {size.login.cpu_limit / 1000:g} vCPU"
    assert shown["nodes"] == f"{zones} zones x {sizing.nodes_per_zone} x {sizing.machine.name}"
    assert shown["database"] == sizing.tier.name
    assert shown["disk"] == f"{sizing.disk} GiB"
    assert shown["connections"] == f"{sizing.connections} of {sizing.tier.max_connections}"
    assert shown["clients at their limits"] == f"{load.limited_requests:.0f} requests/s"
    assert shown["requests to the database"] == f"{requests_of(load):.0f}/s"


def test_what_nobody_published_says_that_it_is_an_assumption_or_a_decision() -> None:
    steps = {step.what: step.source for step in size_for(
        Load(users=50_000), plan=ServicePlan.ADVANCED, platform=Platform.EKS
    ).steps}  # fmt: skip
    assert [what for what, source in steps.items() if "assumption" not in source and "decision" not in source] == [
        "clients at their limits", "CPU of ZITADEL", "requests to the database", "database",
    ]  # fmt: skip
    given = size_for(Load(users=1, logins_per_second=2.0), plan=ServicePlan.ADVANCED, platform=Platform.EKS).steps
    assert given[0].source == "installation:load"


def test_on_aws_the_database_is_an_instance_at_every_size_and_the_reasoning_says_why() -> None:
    for logins in (1.0, 20.0, 60.0):
        load = Load(users=0, logins_per_second=logins)
        steps = size_for(load, plan=ServicePlan.ADVANCED, platform=Platform.EKS).steps
        (standby,) = (step for step in steps if step.what == "standby")
        assert "Multi-AZ instance at every size" in standby.because
        assert "ADR 7" in standby.source


@pytest.mark.parametrize("platform", Platform)
def test_the_tables_ascend(platform: Platform) -> None:
    machines = [machine.usable_cpu for machine in machine_types(platform)]
    tiers = [(tier.cpu, tier.max_connections) for tier in database_tiers(platform)]
    assert machines == sorted(machines)
    assert tiers == sorted(tiers)


def test_a_node_of_four_cores_keeps_what_gke_documents() -> None:
    smallest = machine_types(Platform.GKE)[0]
    assert smallest.usable_cpu == pytest.approx(4 - 0.08 - 0.5)  # 80 millicores on 4 vCPU, and ours
    assert smallest.usable_memory == pytest.approx(16 - 2.6 - 0.1 - 1.0)  # 2.6 GiB and 100 MiB for eviction, and ours
