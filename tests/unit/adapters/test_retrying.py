"""Lists that break off: they begin anew, give nothing twice, and are never held whole."""

from collections.abc import Iterator

import pytest

from kastellan.adapters.kubernetes.retrying import RetryingCluster
from kastellan.domain.errors import ForbiddenError, KastellanError, ServerFaultError, ThrottledError
from kastellan.domain.kubernetes_object import Manifest
from tests.fakes.clock import FakeClock
from tests.fakes.cluster import FakeCluster


class _Pages(FakeCluster):
    """Lists ten objects, and breaks off where a listing is told to."""

    def __init__(self, *breaks: tuple[int, KastellanError]) -> None:
        super().__init__()
        self.breaks = list(breaks)
        self.read = 0

    def list(self, api_version: str, kind: str, *, namespace: str = "", labels: str = "") -> Iterator[Manifest]:
        at, error = self.breaks.pop(0) if self.breaks else (-1, None)
        for number in range(10):
            if number == at and error:
                raise error
            self.read += 1
            yield {"metadata": {"namespace": "a", "name": f"pod-{number}"}}


def _names(cluster: _Pages, patience: float = 60.0) -> list[str]:
    retrying = RetryingCluster(cluster, FakeClock(), patience_seconds=patience)
    return [one["metadata"]["name"] for one in retrying.list("v1", "Pod")]


@pytest.mark.parametrize("at", [0, 1, 9])
def test_a_list_that_breaks_off_goes_on_and_gives_nothing_twice(at: int) -> None:
    cluster = _Pages((at, ServerFaultError("cut off")), (at, ServerFaultError("again")))
    assert _names(cluster) == [f"pod-{number}" for number in range(10)]


def test_what_is_permanent_ends_a_list_at_once() -> None:
    with pytest.raises(ForbiddenError):
        _names(_Pages((3, ForbiddenError("no"))))


def test_patience_ends() -> None:
    with pytest.raises(ServerFaultError, match="cut off"):
        _names(_Pages(*[(3, ServerFaultError("cut off"))] * 500), patience=5.0)


def test_a_server_that_asks_for_more_patience_than_there_is_is_not_waited_for() -> None:
    clock, cluster = FakeClock(), _Pages((0, ThrottledError("slow down", retry_after=61.0)))
    with pytest.raises(ThrottledError):
        list(RetryingCluster(cluster, clock, patience_seconds=60.0).list("v1", "Pod"))
    assert clock.slept == 0


def test_objects_are_given_before_the_list_was_read() -> None:
    cluster = _Pages()
    listed = RetryingCluster(cluster, FakeClock()).list("v1", "Pod")
    assert next(listed)["metadata"]["name"] == "pod-0"
    assert cluster.read == 1
    listed.close()  # a generator: whoever stops early leaves nothing behind
    assert cluster.read == 1
