"""A tick that is killed 200 times, on a file and on a real PostgreSQL: nothing lost, nothing sent twice."""

from pathlib import Path

import psycopg
import pytest

from lab.postgres import Postgres
from tests.lab.conftest import fresh_database
from tests.ticking import Points, kill_and_finish, killed_ticks, outcome, ticks

KILLS = 200


def chosen(names: list[str]) -> list[int]:
    """Numbers of 200 points: the first of every name and others at even distances; of fewer, some come twice."""
    first = {name: number for number, name in reversed(list(enumerate(names, start=1)))}
    rest = [number for number in range(1, len(names) + 1) if number not in first.values()]
    wanted = KILLS - len(first)
    assert wanted > 0
    step = max(len(rest) / wanted, 1)
    some = [rest[int(index * step)] for index in range(min(wanted, len(rest)))]
    again = [number % len(names) + 1 for number in range(KILLS - len(first) - len(some))]
    return sorted((*first.values(), *some, *again))


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_two_hundred_kills_leave_the_ledger_and_the_notices_of_a_tick_that_was_never_killed(
    database: str, postgres: Postgres, tmp_path: Path
) -> None:
    server = fresh_database(postgres).url

    def url(name: str) -> str:
        """An empty store."""
        if database == "sqlite":
            return f"sqlite:///{tmp_path / name}.sqlite"
        with psycopg.connect(server, autocommit=True) as connection:  # much cheaper than a database of its own
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
        return server

    ticks(url("warm"), tmp_path / "warm", Points(0))  # so that no child has to import anything
    whole_url, whole_folder, names_file = url("whole"), tmp_path / "whole", tmp_path / "names"
    assert not killed_ticks(whole_url, whole_folder, point=0, names=names_file)
    whole = outcome(whole_url, whole_folder)
    names = names_file.read_text().splitlines()
    points = chosen(names)
    assert {names[point - 1] for point in points} == set(names)
    assert len(points) == KILLS
    assert {"before send", "after send", "before COMMIT", "before INSERT INTO entries"} <= set(names)
    for number, point in enumerate(points):
        kill_and_finish(url(str(number)), tmp_path / f"sent-{number}", whole, point=point)
