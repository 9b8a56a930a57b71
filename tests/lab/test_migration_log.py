"""What a real database records of migrations, read by the installation's own role."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from kastellan.adapters.postgres.migration_log import EventstoreMigrations
from kastellan.adapters.postgres.session import DatabaseAccess
from kastellan.domain.errors import KastellanError
from kastellan.domain.migration_progress import told
from tests.lab.conftest import Database
from tests.lab.standin_pods import StandInPods


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


def test_the_records_of_a_setup_are_read_and_a_step_that_is_open_is_told(database: Database, tmp_path: Path) -> None:
    log = EventstoreMigrations(access(database))
    with pytest.raises(KastellanError):
        log.newest()  # before `init` there are none
    pods = StandInPods(tmp_path, database)
    pods.install("v4.13.0")
    pods.close()
    events, now = log.newest()
    assert events[0].began
    assert {event.step for event in events} >= {"01_tables", "03_default_instance", "projection_tables"}
    assert sum(event.began for event in events) * 2 == len(events)
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=30)
    assert "steps ended in less than 10 s" in told(events, now)

    copied = """
        INSERT INTO eventstore.events2
        SELECT instance_id, aggregate_type, aggregate_id, event_type, sequence + 1000, revision, clock_timestamp(),
               jsonb_build_object('name', '99_open'), creator, owner, position + 1000, in_tx_order
        FROM eventstore.events2 WHERE event_type = 'system.migration.started' ORDER BY position DESC LIMIT 1"""
    with psycopg.connect(database.url) as session:
        session.execute(copied)
    assert told(*log.newest()).startswith("step 99_open for less than 10 s")
