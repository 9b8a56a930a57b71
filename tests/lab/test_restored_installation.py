"""From a restore point into a second installation that serves, by the lines of docs/restore.md (DI-7)."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from kastellan.adapters.dump_storage.folder import FolderStorage
from kastellan.adapters.postgres.logical_dump import LogicalDumps
from kastellan.adapters.postgres.programs import PostgresPrograms
from kastellan.adapters.system_clock import SystemClock
from kastellan.domain.restore_point import Retention
from kastellan.domain.version import Version
from lab.postgres import binaries
from tests.fakes.progress import FakeProgress
from tests.lab.conftest import Database
from tests.lab.standin_pods import StandInPods
from tests.lab.test_restore_points import access, administrator

BASE, NEXT = "v4.13.0", "v4.13.1"
PAGE = Path(__file__).parents[2] / "docs" / "restore.md"
NEWEST = "SELECT max(position), count(*) FROM eventstore.events2"


@pytest.fixture
def pods(tmp_path: Path, database: Database) -> Iterator[StandInPods]:
    """An installation."""
    installed = StandInPods(tmp_path / "first", database)
    installed.install(BASE)
    yield installed
    installed.close()


def restored(database: Database, dump: Path) -> Database:
    """Run the lines of the page in a shell, with this server's names for those of the example."""
    block = PAGE.read_text(encoding="utf-8").split("6. **Restore into a new database**")[1].split("```")[1]
    lines = block.removeprefix("sh\n").replace("zitadel_restored", f"{database.name}_restored")
    lines = lines.replace("zitadel --", f"{database.user} --").replace("KEY.dump", str(dump))
    exports, steps = lines.strip().split("\n", 1)
    assert exports.strip().startswith("export PGHOST")
    server = database.server
    authority = dump.with_name("db-ca.pem")
    authority.write_text(server.ca_pem)
    environment = os.environ | {
        "PATH": f"{binaries()}{os.pathsep}{os.environ['PATH']}",
        "PGHOST": server.host,
        "PGPORT": str(server.port),
        "PGUSER": server.admin_user,
        "PGPASSWORD": server.admin_password,
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": str(authority),
    }
    done = subprocess.run(["bash", "-e", "-c", steps], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return replace(database, name=f"{database.name}_restored")


def test_a_restore_point_becomes_a_second_installation_that_serves(
    pods: StandInPods, database: Database, tmp_path: Path
) -> None:
    keys = pods.serve(BASE).get("/oauth/v2/keys").json()
    points = LogicalDumps(
        "acme",
        access(database),
        administrator(database.server),
        FolderStorage(tmp_path / "points", "acme"),
        retention=Retention(),
        programs=PostgresPrograms(str(binaries())),
        clock=SystemClock(),
        progress=FakeProgress(),
    )
    point = points.make("before-v4.13.1", SystemClock().now(), version=Version.parse(BASE))
    with psycopg.connect(database.url) as session:
        at_the_point = session.execute(NEWEST).fetchone()
    pods.run("setup_job", NEXT)

    second = restored(database, tmp_path / "points" / "acme" / f"{point.key}.dump")
    with psycopg.connect(second.url) as session:
        assert session.execute(NEWEST).fetchone() == at_the_point
    again = StandInPods(tmp_path / "second", second)
    try:
        assert point.version is not None
        again.run("setup_job", str(point.version))
        pod = again.serve(str(point.version))
        assert pod.get("/oauth/v2/keys").json() == keys, "tokens that were issued before are good"
        assert pod.get("/.well-known/openid-configuration").status == 200
        again.run("setup_job", NEXT)
        assert again.serve(NEXT).get("/oauth/v2/keys").json() == keys
        stranger = StandInPods(tmp_path / "stranger", second)
        stranger.use_masterkey("another-masterkey-of-32-bytes-xx")
        without = stranger.start(str(point.version))
        assert without.process.wait(timeout=20) != 0
        assert "the masterkey does not open" in without.said
    finally:
        again.close()
