"""A restored Cloud SQL instance is reached by its address, and TLS is verified by its name all the same."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import LiteralString

import pytest

from kastellan.adapters.cloud_sql.admin_api import SqlAdmin
from kastellan.adapters.cloud_sql.backups import CloudSqlBackups
from kastellan.adapters.postgres.contents import connected
from kastellan.adapters.postgres.session import DatabaseAccess
from kastellan.domain.errors import UnreachableError, UntrustedError
from kastellan.domain.restore_point import Retention
from lab.pki import Authority
from lab.postgres import Postgres
from tests.clouds.sql_admin import PROJECT, SqlAdminServer
from tests.contracts.restore_points import NOW
from tests.fakes.clock import FakeClock
from tests.fakes.progress import FakeProgress
from tests.lab.conftest import fresh_database

ADDRESS = "127.54.32.3"
NAME = "acme-db.europe-west6.sql.goog"
_CONTENT: tuple[LiteralString, ...] = (
    "CREATE SCHEMA eventstore",
    "CREATE TABLE eventstore.events2 (position numeric, in_tx_order integer, created_at timestamptz)",
    "INSERT INTO eventstore.events2 VALUES (41.5, 0, now()), (42.5, 0, now())",
    "GRANT USAGE ON SCHEMA eventstore TO PUBLIC",
    "GRANT SELECT ON eventstore.events2 TO PUBLIC",
)


@pytest.fixture(scope="module")
def access() -> Iterator[DatabaseAccess]:
    """A server whose certificate is of Cloud SQL's names; no resolver of this machine knows them."""
    with Postgres(bind=ADDRESS, extra_hosts=["*.europe-west6.sql.goog"]) as server:
        database = fresh_database(server)
        made = DatabaseAccess(
            host=NAME, address=ADDRESS, port=server.port, name=database.name, user=database.user,
            password=database.password, ca=server.ca_pem,
        )  # fmt: skip
        for statement in _CONTENT:
            server.execute(statement, database=database.name)
        yield made


def test_the_connection_goes_to_the_address_and_is_verified_by_the_name(access: DatabaseAccess) -> None:
    with connected(access) as session:
        assert (session.info.host, session.info.hostaddr) == (NAME, ADDRESS)
        told = session.execute(
            "SELECT host(inet_server_addr()), ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        ).fetchone()
        assert told == (ADDRESS, True)


@pytest.mark.parametrize("host", ["acme-db.us-central1.sql.goog", "europe-west6.sql.goog", "a.b.europe-west6.sql.goog"])
def test_a_name_that_is_not_in_the_certificate_is_refused_at_the_same_address(
    access: DatabaseAccess, host: str
) -> None:
    with pytest.raises(UntrustedError), connected(replace(access, host=host)):
        pass


def test_an_authority_that_did_not_sign_is_refused(access: DatabaseAccess) -> None:
    with pytest.raises(UntrustedError), connected(replace(access, ca=Authority("another").certificate)):
        pass


def test_without_the_address_the_name_leads_nowhere(access: DatabaseAccess) -> None:
    with pytest.raises(UnreachableError), connected(replace(access, address="")):
        pass


def test_a_drill_asks_the_restored_instance_by_its_address(access: DatabaseAccess) -> None:
    clock = FakeClock(NOW)
    cloud = SqlAdminServer("acme-db", clock.now, lambda: None, database=(ADDRESS, access.ca))
    try:
        points = CloudSqlBackups(
            "acme",
            project=PROJECT,
            instance="acme-db",
            database=access,
            admin=SqlAdmin(PROJECT, lambda: "valid", clock, address=cloud.address),
            retention=Retention(keep=2, age=timedelta(days=90)),
            clock=clock,
            progress=FakeProgress(),
        )
        restored = points.drill(points.make("before-v4.13.1", NOW))
    finally:
        cloud.close()
    assert restored.rows == {"eventstore.events2": 2}
    assert restored.newest_event is not None
    assert restored.newest_event.position == "42.5"
    assert restored.differences == ()
    assert list(cloud.instances) == ["acme-db"], "what was restored for the drill is gone again"
