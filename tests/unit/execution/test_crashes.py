"""The procedure is killed before and after every single write; the next run finishes, and nothing is done twice."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.execution.release import ReleaseProcedure
from tests.fakes.clock import FakeClock
from tests.fakes.cluster import FakeCluster
from tests.fakes.progress import FakeProgress
from tests.unit.execution.conftest import desired


class Killed(BaseException):
    """What a SIGKILL looks like from inside: nothing catches it."""


class DyingCluster(FakeCluster):
    """Dies at the write with the given number: before it takes effect, or after it did and before the answer."""

    def __init__(self) -> None:
        super().__init__()
        self.writes = 0
        self.dies_at = -1
        self.after = False

    def _mortal(self, write: Callable[[], Any]) -> Any:
        self.writes += 1
        if self.writes == self.dies_at and not self.after:
            raise Killed
        answer = write()
        if self.writes == self.dies_at:
            raise Killed
        return answer

    def apply(self, manifest: Manifest, *, dry_run: bool = False, force: bool = False) -> Manifest:
        if dry_run:
            return super().apply(manifest, dry_run=True, force=force)
        parent = super()
        answer: Manifest = self._mortal(lambda: parent.apply(manifest, force=force))
        return answer

    def delete(self, ref: ObjectRef, *, uid: str = "") -> bool:
        parent = super()
        return bool(self._mortal(lambda: parent.delete(ref, uid=uid)))


def procedure(cluster: FakeCluster) -> ReleaseProcedure:
    return ReleaseProcedure(cluster, FakeClock(), FakeProgress())


def state(cluster: FakeCluster) -> dict[str, Any]:
    """What matters of the objects: everything but uids and generations."""
    return {
        str(ref): {key: value for key, value in live.items() if key != "metadata"}
        for ref, live in cluster.objects.items()
        if ref.kind not in ("Pod", "Node")
    }


def install(cluster: FakeCluster) -> None:
    procedure(cluster).bring(desired())


def upgrade(cluster: FakeCluster) -> None:
    procedure(cluster).bring(desired("v4.14.0"))


def remove(cluster: FakeCluster) -> None:
    procedure(cluster).remove(desired().installation)


SCENARIOS: dict[str, tuple[list[Callable[[FakeCluster], None]], Callable[[FakeCluster], None]]] = {
    "install": ([], install),
    "upgrade": ([install], upgrade),
    "remove": ([install], remove),
}


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("after", [False, True], ids=["before the write", "after the write"])
def test_a_kill_at_any_write_is_finished_by_the_next_run(scenario: str, *, after: bool) -> None:
    before, act = SCENARIOS[scenario]
    prepared = DyingCluster()
    for step in before:
        step(prepared)
    prepared.writes = 0
    whole = copy.deepcopy(prepared)
    act(whole)
    assert whole.writes > 10

    for number in range(1, whole.writes + 1):
        cluster = copy.deepcopy(prepared)
        cluster.dies_at, cluster.after = number, after
        with pytest.raises(Killed):
            act(cluster)
        cluster.dies_at = -1
        act(cluster)
        assert state(cluster) == state(whole), f"killed at write {number}"
        assert cluster.job_runs == whole.job_runs, f"killed at write {number}: a job ran twice or not at all"
