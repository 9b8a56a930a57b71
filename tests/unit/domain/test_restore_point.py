"""What restore points and drills say about themselves."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kastellan.domain.restore_point import Drill, EventMark, Restored, RestorePoint, Retention, expired

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)
EVENT = EventMark(position="1764000000.25", at=NOW)


def point(**overrides: Any) -> RestorePoint:
    values: dict[str, Any] = {
        "installation": "acme",
        "key": "one",
        "at": NOW,
        "size": 1000,
        "digest": "ab" * 32,
        "server_version": 170010,
        "newest_event": EVENT,
        "rows": {"eventstore.events2": 7, "projections.sessions": 2},
    }
    return RestorePoint(**(values | overrides))


def restored(of: RestorePoint | None = None, **overrides: Any) -> Restored:
    of = of or point()
    values: dict[str, Any] = {"point": of, "seconds": 4.2, "newest_event": of.newest_event, "rows": of.rows}
    return Restored(**(values | overrides))


@pytest.mark.parametrize("name", ["", "../x", ".hidden", "a/b", "a b", "é", "x" * 161, "a\n"])
def test_a_key_that_could_lead_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="names no restore point"):
        point(key=name)


def test_what_came_back_whole_has_no_differences() -> None:
    assert restored().differences == ()


def test_every_difference_is_told_in_words() -> None:
    rows = {"eventstore.events2": 6, "projections.users": 1}
    assert restored(rows=rows, newest_event=None).differences == (
        "eventstore.events2 has 6 rows instead of 7",
        "projections.sessions is missing, with its 2 rows",
        "projections.users came out of nowhere, with 1 rows",
        "the newest event is none instead of that of 2026-11-24T12:00:00Z at position 1764000000.25",
    )


@given(st.lists(st.integers(0, 400), max_size=12), st.integers(1, 5), st.integers(1, 200))
def test_retention_keeps_the_newest_and_the_young(ages: list[int], keep: int, days: int) -> None:
    points = [point(key=f"k{n}", at=NOW - age * DAY) for n, age in enumerate(ages)]
    gone = expired(points, Retention(age=days * DAY, keep=keep), NOW)
    for one in points:
        newer = sum((other.at, other.key) > (one.at, one.key) for other in points)
        assert (one in gone) == (NOW - one.at > days * DAY and newer >= keep)


def test_retention_that_keeps_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one restore point is kept"):
        Retention(keep=0)


def test_a_drill_is_recorded_with_its_measures() -> None:
    drill = Drill(began=NOW + DAY, point=point(), restored=restored(), age=DAY)
    assert drill.passed
    assert not drill.keeps_promise
    draft = drill.draft
    assert (draft.kind, draft.key) == ("restore-drilled", "restore-drilled/2026-11-25T12:00:00Z")
    assert draft.body == {
        "restorePoint": "one",
        "digest": "sha256:" + "ab" * 32,
        "at": "2026-11-24T12:00:00Z",
        "passed": True,
        "rpoSeconds": 86400,
        "rtoSeconds": 5,
        "tables": 2,
        "rows": 9,
        "problems": [],
    }


def test_a_drill_without_a_restore_point_before_it_measures_no_rpo_and_keeps_no_promise() -> None:
    drill = Drill(began=NOW, point=point(), restored=restored(), age=None)
    assert drill.draft.body["rpoSeconds"] is None
    assert not drill.keeps_promise


def test_a_drill_with_very_many_differences_records_the_first_ones() -> None:
    rows = {f"s.t{n:03}": 1 for n in range(100)}
    drill = Drill(began=NOW, point=point(), restored=restored(point(rows=rows), rows={}), age=timedelta())
    recorded = drill.draft.body["problems"]
    assert isinstance(recorded, list)
    assert (len(recorded), recorded[-1]) == (21, "and 80 more")
    assert drill.keeps_promise
    assert not drill.passed


def test_a_restore_that_failed_is_recorded_as_such() -> None:
    drill = Drill(began=NOW, point=point(), problem="pg_restore ended with exit code 1", age=timedelta())
    assert not drill.passed
    assert drill.draft.body["rtoSeconds"] is None
    assert drill.draft.body["problems"] == ["pg_restore ended with exit code 1"]
