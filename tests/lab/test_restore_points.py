"""Restore points of a real PostgreSQL over TLS: dumped, checked, restored in drills, harmed and killed."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from kastellan.adapters.dump_storage.folder import FolderStorage
from kastellan.adapters.postgres.logical_dump import LogicalDumps
from kastellan.adapters.postgres.programs import PostgresPrograms
from kastellan.adapters.postgres.scratch_database import PREFIX, scratch_database
from kastellan.adapters.postgres.session import DatabaseAccess
from kastellan.adapters.system_clock import SystemClock
from kastellan.domain.errors import (
    ConflictError,
    DeadlineExceededError,
    ForbiddenError,
    StepFailedError,
    UnauthenticatedError,
    UnreachableError,
    UntrustedError,
)
from kastellan.domain.restore_point import RestorePoint, Retention
from lab.pki import Authority
from lab.postgres import Postgres, binaries
from tests.contracts.restore_points import NOW, RestorePointsContract
from tests.fakes.progress import FakeProgress
from tests.lab.conftest import Database

SCHEMA = """
    CREATE SCHEMA eventstore;
    CREATE TABLE eventstore.events2 (position numeric NOT NULL, in_tx_order integer NOT NULL, created_at timestamptz);
    CREATE SCHEMA projections;
    CREATE TABLE projections."Weird Name" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text)"""
EVENT = """INSERT INTO eventstore.events2
    SELECT extract(epoch FROM t), 0, t FROM (SELECT clock_timestamp() AS t) AS now"""


def access(database: Database) -> DatabaseAccess:
    server = database.server
    return DatabaseAccess(
        host=server.host,
        port=server.port,
        name=database.name,
        user=database.user,
        password=database.password,
        ca=server.ca_pem,
    )


def administrator(server: Postgres) -> DatabaseAccess:
    return DatabaseAccess(
        host=server.host,
        port=server.port,
        name="postgres",
        user=server.admin_user,
        password=server.admin_password,
        ca=server.ca_pem,
    )


class PostgresWorld:
    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.folder = database, folder / "acme"
        self.progress = FakeProgress()
        self.points = self.with_access(access(database))
        with psycopg.connect(database.url) as session:
            session.execute(SCHEMA)

    def with_access(self, given: DatabaseAccess, scratch: DatabaseAccess | None = None) -> LogicalDumps:
        return LogicalDumps(
            "acme",
            given,
            scratch or administrator(self.database.server),
            FolderStorage(self.folder.parent, "acme"),
            retention=Retention(keep=2, age=timedelta(days=90)),
            programs=PostgresPrograms(str(binaries())),
            clock=SystemClock(),
            progress=self.progress,
        )

    def happen(self) -> None:
        with psycopg.connect(self.database.url) as session:
            session.execute(EVENT)
            session.execute("""INSERT INTO projections."Weird Name" (note) VALUES ('personal')""")

    def damage(self, point: RestorePoint) -> None:
        path = self.folder / f"{point.key}.dump"
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)

    def lose(self, point: RestorePoint) -> None:
        (self.folder / f"{point.key}.dump").unlink()

    def leave_half_made(self, key: str) -> None:
        self.folder.mkdir(parents=True)
        (self.folder / f"{key}.part").write_bytes(b"PGDMP half")
        (self.folder / f"{key}.dump").write_bytes(b"PGDMP half")

    def leave_scratch(self, point: RestorePoint) -> None:
        with scratch_database(administrator(self.database.server), point) as scratch:
            name = scratch.name
        self.database.server.create_database(name)

    def leftovers(self) -> list[str]:
        found = self.database.server.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", (f"{PREFIX}%",))
        names = [str(row[0]) for row in found]
        paths = [path for path in self.folder.glob("[!.]*") if path.suffix == ".part"]
        paths += [path for path in self.folder.glob("*.dump") if not path.with_suffix(".json").exists()]
        return names + [path.name for path in paths]


@pytest.fixture
def world(database: Database, tmp_path: Path) -> PostgresWorld:
    return PostgresWorld(database, tmp_path)


class TestLogicalDumps(RestorePointsContract):
    def test_what_is_written_while_it_is_made_is_neither_in_the_dump_nor_in_its_description(
        self, world: PostgresWorld
    ) -> None:
        """Writers go on all the time; dump and description are of one snapshot, so they agree all the same."""
        command = [sys.executable, "-c", _WRITER, world.database.url, EVENT]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            made = world.points.make("busy", NOW)
            writer.kill()
        assert made.rows["eventstore.events2"] > 0
        assert world.points.drill(made).differences == ()

    @pytest.mark.parametrize("moment", [0.05, 0.3, 0.6])
    def test_a_maker_that_is_killed_leaves_nothing_that_counts(self, world: PostgresWorld, moment: float) -> None:
        world.happen()
        child = os.fork()
        if child == 0:
            world.points.make("one", NOW)
            os._exit(0)
        time.sleep(moment)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        for found in world.points.list():
            assert world.points.check(found) == (), "what is listed is whole"
        made = world.points.make("one", NOW)
        assert world.points.drill(made).differences == ()
        assert world.leftovers() == []

    def test_no_password_is_on_a_command_line_or_in_what_is_told(
        self, world: PostgresWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        commands: list[str] = []
        real = subprocess.Popen

        def watched(arguments: list[str], **named: object) -> object:
            environment = named["env"]
            commands.append(" ".join(arguments) + str(environment))
            return real(arguments, **named)

        monkeypatch.setattr(subprocess, "Popen", watched)
        made = world.points.make("one", NOW)
        world.points.drill(made)
        assert len(commands) == 2
        told = "\n".join([*commands, *world.progress.lines, *(p.read_text() for p in world.folder.glob("*.json"))])
        assert world.database.password not in told
        assert world.database.server.admin_password not in told

    def test_a_budget_that_is_spent_ends_the_dump_and_leaves_nothing(self, world: PostgresWorld) -> None:
        world.happen()
        with (
            psycopg.connect(world.database.url) as blocker,
            pytest.raises(DeadlineExceededError, match="pg_dump was ended"),
        ):
            blocker.execute('LOCK TABLE projections."Weird Name" IN ACCESS EXCLUSIVE MODE')
            world.points.make("one", NOW, budget_seconds=1.0)
        assert world.points.list() == ()
        assert world.leftovers() == []

    def test_one_drill_of_a_restore_point_at_a_time(self, world: PostgresWorld) -> None:
        made = world.points.make("one", NOW)
        with (
            scratch_database(administrator(world.database.server), made),
            pytest.raises(ConflictError, match="another drill uses the scratch database"),
        ):
            world.points.drill(made)

    def test_what_fails_says_what_to_do(self, world: PostgresWorld) -> None:
        good = access(world.database)
        made = world.points.make("one", NOW)
        cases: list[tuple[DatabaseAccess, type[Exception]]] = [
            (replace(good, password="falsch-geheim"), UnauthenticatedError),
            (replace(good, port=1), UnreachableError),
            (replace(good, ca=Authority("another").certificate), UntrustedError),
        ]
        for given, kind in cases:
            with pytest.raises(kind) as refused:
                world.with_access(given).make("two", NOW)
            assert "geheim" not in str(refused.value)
        with pytest.raises(ForbiddenError, match="name a scratch server and a role that may"):
            world.with_access(good, good).drill(made)

    def test_a_table_that_the_role_may_not_read_fails_the_dump_and_names_it(self, world: PostgresWorld) -> None:
        server, name = world.database.server, world.database.name
        server.execute("CREATE TABLE projections.foreign_one (id int)", database=name)
        with pytest.raises((StepFailedError, ForbiddenError), match="foreign_one"):
            world.points.make("one", NOW)
        assert world.points.list() == ()


_WRITER = """
import sys, psycopg
with psycopg.connect(sys.argv[1], autocommit=True) as session:
    session.execute(sys.argv[2]); print("writing", flush=True)
    while True:
        session.execute(sys.argv[2])
"""
