"""What a drill does with restore points, and what it records."""

from datetime import timedelta
from pathlib import Path

from kastellan.adapters.store.opening import open_store
from kastellan.domain.version import Version
from kastellan.execution.drill import drill
from kastellan.execution.record import record
from tests.fakes.clock import FakeClock
from tests.fakes.restore_points import FakeRestorePoints


def test_without_a_restore_point_one_is_made_and_no_rpo_is_measured() -> None:
    points, clock = FakeRestorePoints(), FakeClock()
    points.events = [1, 2, 3]
    done = drill(points, clock, version=Version.parse("v4.13.1"))
    assert points.made == ["drill-20261123T120000Z"]
    assert done.passed
    assert (done.age, done.keeps_promise) == (None, False)


def test_the_newest_restore_point_is_taken_and_its_age_is_the_rpo() -> None:
    points, clock = FakeRestorePoints(), FakeClock()
    points.make("old", clock.now() - timedelta(days=2))
    points.make("new", clock.now() - timedelta(minutes=50))
    done = drill(points, clock)
    assert done.point.key == "new"
    assert (done.age, done.keeps_promise) == (timedelta(minutes=50), True)
    assert points.made == ["old", "new"]


def test_a_fresh_one_does_not_make_the_rpo_look_better() -> None:
    points, clock = FakeRestorePoints(), FakeClock()
    points.make("old", clock.now() - timedelta(days=2))
    done = drill(points, clock, fresh=True)
    assert done.point.key == "drill-20261123T120000Z"
    assert done.age == timedelta(days=2)


def test_a_damaged_one_is_a_failed_drill_and_is_recorded_once(tmp_path: Path) -> None:
    points, clock = FakeRestorePoints(), FakeClock()
    points.make("one", clock.now())
    points.dumps["one"] += b"x"
    done = drill(points, clock)
    assert not done.passed
    assert done.problems == ("restore point one is not what was written",)
    with open_store(f"sqlite:///{tmp_path / 'store.sqlite'}") as store:
        assert len(record(store, "acme", [done.draft], clock.now())) == 1
        assert record(store, "acme", [done.draft], clock.now()) == ()
        (entry,) = store.entries("acme")
    assert (entry.kind, entry.body["passed"]) == ("restore-drilled", False)
