"""A tick that is killed 200 times, on a file and on a real PostgreSQL: nothing lost, nothing sent twice."""

import itertools
from pathlib import Path

import pytest

from lab.postgres import Postgres
from tests.lab.conftest import fresh_database
from tests.ticking import kill_everywhere, killed_ticks, outcome

KILLS = 200


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_two_hundred_kills_leave_the_ledger_and_the_notices_of_a_tick_that_was_never_killed(
    database: str, postgres: Postgres, tmp_path: Path
) -> None:
    def url(name: str) -> str:
        return f"sqlite:///{tmp_path / name}.sqlite" if database == "sqlite" else fresh_database(postgres).url

    whole_url, whole_folder = url("whole"), tmp_path / "whole"
    assert not killed_ticks(whole_url, whole_folder, point=0)
    whole = outcome(whole_url, whole_folder)
    kills = 0
    point = 1
    for attempt in itertools.count():
        killed = kill_everywhere(url(str(attempt)), tmp_path / f"sent-{attempt}", whole, point=point)
        kills += killed
        point = point + 1 if killed else 1
        if kills >= KILLS:
            break
