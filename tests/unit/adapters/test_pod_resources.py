"""What the scheduler counts for a pod."""

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kastellan.adapters.kubernetes.pod_resources import effective, quantity


def container(cpu: int, **rest: Any) -> dict[str, Any]:
    return {"resources": {"requests": {"cpu": f"{cpu}m"}}, **rest}


def requested(**spec: Any) -> Decimal:
    return effective(spec, "requests").cpu * 1000


def test_containers_add_up() -> None:
    assert requested(containers=[container(100), container(250)]) == 350


def test_the_largest_init_step_counts_where_it_is_more() -> None:
    assert requested(containers=[container(100)], initContainers=[container(400), container(300)]) == 400


def test_a_sidecar_runs_beside_everything_after_it() -> None:
    sidecar = container(50, restartPolicy="Always")
    assert requested(containers=[container(100)], initContainers=[sidecar]) == 150
    assert requested(containers=[container(100)], initContainers=[sidecar, container(200)]) == 250
    assert requested(containers=[container(100)], initContainers=[container(200), sidecar]) == 200


def test_overhead_is_added_and_nothing_asked_is_nothing() -> None:
    assert requested(containers=[{}], overhead={"cpu": "5m"}) == 5


@given(st.lists(st.integers(0, 10**6)), st.lists(st.integers(0, 10**6)))
def test_a_pod_never_counts_less_than_its_containers_or_any_init_step(main: list[int], init: list[int]) -> None:
    total = requested(containers=[*map(container, main)], initContainers=[*map(container, init)])
    assert total == max([sum(main), *init])


@given(st.integers(0, 10**12))
def test_quantities_are_exact(value: int) -> None:
    assert quantity(f"{value}m") * 1000 == value
    assert quantity(f"{value}Mi") == value * 2**20
