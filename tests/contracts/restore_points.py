"""The contract of `ports.restore_points.RestorePoints`: a test class that is run with a fake and with PostgreSQL.

A subclass gives the fixture `world`: a database that tests may change, and ways to harm what lies in the storage.
"""

from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from kastellan.domain.errors import InvalidInputError, StepFailedError
from kastellan.domain.restore_point import RestorePoint
from kastellan.domain.version import Version
from kastellan.ports.restore_points import RestorePoints

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)


class World(Protocol):
    """A database with restore points of its own; retention keeps 2, and what is not older than 90 days."""

    points: RestorePoints

    def happen(self) -> None:
        """One more event, and one more row of a projection."""

    def damage(self, point: RestorePoint) -> None:
        """Change a byte of its dump."""

    def lose(self, point: RestorePoint) -> None:
        """Take its dump away."""

    def leave_half_made(self, key: str) -> None:
        """What a maker leaves that was killed before the end."""

    def leave_scratch(self, point: RestorePoint) -> None:
        """What a drill leaves that was killed before the end."""

    def leftovers(self) -> list[str]:
        """Everything that is there and should not be: partial dumps, scratch databases."""


class RestorePointsContract:
    def test_a_restore_point_says_what_the_database_held(self, world: World) -> None:
        world.happen()
        world.happen()
        made = world.points.make("before-v4.14.0", NOW, version=Version.parse("v4.13.1"))
        assert (made.key, made.at, str(made.version)) == ("before-v4.14.0", NOW, "v4.13.1")
        assert made.rows["eventstore.events2"] == 2
        assert made.newest_event is not None
        assert made.size > 0
        assert world.points.list() == (made,)
        assert world.points.check(made) == ()
        assert world.leftovers() == []

    def test_a_database_without_an_event_has_restore_points_too(self, world: World) -> None:
        made = world.points.make("empty", NOW)
        assert made.newest_event is None
        assert world.points.drill(made).differences == ()

    def test_the_same_key_finds_the_same_restore_point(self, world: World) -> None:
        world.happen()
        made = world.points.make("one", NOW)
        world.happen()
        assert world.points.make("one", NOW + DAY) == made
        assert world.points.make("two", NOW + DAY).rows["eventstore.events2"] == 2

    def test_the_newest_is_listed_first(self, world: World) -> None:
        for number in (2, 1, 3):
            world.points.make(f"k{number}", NOW + number * DAY)
        assert [point.key for point in world.points.list()] == ["k3", "k2", "k1"]

    def test_old_ones_go_when_a_new_one_is_made(self, world: World) -> None:
        for number in range(3):
            world.points.make(f"k{number}", NOW + number * DAY)
        world.points.make("later", NOW + 91 * DAY)
        assert [point.key for point in world.points.list()] == ["later", "k2", "k1"]
        assert world.leftovers() == []

    @pytest.mark.parametrize("key", ["", "../x", "a/b", "a b", ".x"])
    def test_a_key_that_leads_elsewhere_is_refused(self, world: World, key: str) -> None:
        with pytest.raises(InvalidInputError, match="names no restore point"):
            world.points.make(key, NOW)

    def test_a_half_made_one_is_not_there_and_is_made_anew(self, world: World) -> None:
        world.happen()
        world.leave_half_made("one")
        assert world.points.list() == ()
        made = world.points.make("one", NOW)
        assert world.points.check(made) == ()
        assert world.leftovers() == []

    def test_a_drill_brings_back_what_was_there_at_its_instant(self, world: World) -> None:
        world.happen()
        made = world.points.make("one", NOW)
        world.happen()
        restored = world.points.drill(made)
        assert restored.differences == ()
        assert restored.rows["eventstore.events2"] == 1
        assert restored.newest_event == made.newest_event
        assert world.leftovers() == []

    def test_what_a_killed_drill_left_does_not_disturb_the_next_one(self, world: World) -> None:
        made = world.points.make("one", NOW)
        world.leave_scratch(made)
        assert world.points.drill(made).differences == ()
        assert world.leftovers() == []

    @pytest.mark.parametrize(("harm", "code"), [("damage", "restore-point-damaged"), ("lose", "restore-point-gone")])
    def test_a_harmed_one_is_found_out_and_is_not_restored(self, world: World, harm: str, code: str) -> None:
        made = world.points.make("one", NOW)
        getattr(world, harm)(made)
        assert [reason.code for reason in world.points.check(made)] == [code]
        with pytest.raises(StepFailedError, match="not what was written"):
            world.points.drill(made)
        assert world.leftovers() == []
