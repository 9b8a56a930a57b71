"""The fake restore points keep to the contract of the real ones."""

from datetime import timedelta

import pytest

from kastellan.domain.restore_point import RestorePoint, Retention
from tests.contracts.restore_points import RestorePointsContract
from tests.fakes.restore_points import FakeRestorePoints


class FakeWorld:
    def __init__(self) -> None:
        self.points = FakeRestorePoints(retention=Retention(keep=2, age=timedelta(days=90)))

    def happen(self) -> None:
        self.points.events.append(len(self.points.events) + 1)

    def damage(self, point: RestorePoint) -> None:
        self.points.dumps[point.key] += b"x"

    def lose(self, point: RestorePoint) -> None:
        del self.points.dumps[point.key]

    def leave_half_made(self, key: str) -> None:
        self.points.dumps[key] = b"half"

    def leave_scratch(self, point: RestorePoint) -> None:
        self.points.scratch.add(point.key)

    def leftovers(self) -> list[str]:
        return [*(self.points.dumps.keys() - {point.key for point in self.points.list()}), *self.points.scratch]


class TestFakeRestorePoints(RestorePointsContract):
    @pytest.fixture
    def world(self) -> FakeWorld:
        return FakeWorld()
