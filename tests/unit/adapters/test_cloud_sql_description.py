"""Cloud SQL as evidence, on an API that judges by Google's discovery document."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest

from kastellan.adapters.cloud_sql.admin_api import SqlAdmin
from kastellan.adapters.cloud_sql.description import CloudSqlDescription
from kastellan.adapters.managed_database import managed_database_of
from kastellan.domain.errors import (
    ForbiddenError,
    KastellanError,
    NotFoundError,
    ServerFaultError,
    UnauthenticatedError,
)
from kastellan.domain.restore_point import Retention
from kastellan.domain.restore_storage import CloudSql, RestorePointSettings
from kastellan.ports.managed_database import ManagedDatabase
from kastellan.preflight.database_facts import ManagedService
from kastellan.preflight.probe_facts import NotProbed
from tests.clouds.sql_admin import PROJECT, SqlAdminServer
from tests.fakes.clock import FakeClock

_INSTANCE, _HOST = "acme-db", "acme-db.europe-west6.sql.goog"
_NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
_BACKUP = {
    "enabled": True, "pointInTimeRecoveryEnabled": True, "transactionLogRetentionDays": 7,
    "backupRetentionSettings": {"retentionUnit": "COUNT", "retainedBackups": 35},
}  # fmt: skip


@pytest.fixture
def server() -> Iterator[SqlAdminServer]:
    made = SqlAdminServer(_INSTANCE, lambda: _NOW - timedelta(days=30), lambda: None)
    live = made.instances[_INSTANCE]
    live |= {"state": "RUNNABLE", "gceZone": "europe-west6-a", "secondaryGceZone": "europe-west6-b"}
    live["settings"]["backupConfiguration"] = dict(_BACKUP)
    yield made
    made.close()


def _asked(server: SqlAdminServer, *, instance: str = _INSTANCE) -> ManagedDatabase:
    clock = FakeClock(_NOW)
    admin = SqlAdmin(PROJECT, lambda: "valid", clock, address=server.address)
    return CloudSqlDescription(lambda: admin, instance, clock)


def _seen(server: SqlAdminServer) -> ManagedService:
    seen = _asked(server).describe(_HOST)
    assert isinstance(seen, ManagedService)
    return seen


def _nobody() -> SqlAdmin:
    raise UnauthenticatedError("there are no application default credentials")


def test_without_any_credential_nobody_was_asked_which_is_told_and_is_no_answer() -> None:
    seen = CloudSqlDescription(_nobody, _INSTANCE, FakeClock(_NOW)).describe(_HOST)
    assert seen == NotProbed(why="Google was not asked: there are no application default credentials")


def test_what_google_shows_is_kept_in_few_words_and_nothing_is_changed(server: SqlAdminServer) -> None:
    for status, hours in (("SUCCESSFUL", 26), ("SUCCESSFUL", 2), ("FAILED", 1)):
        server.back_up("", status=status)["endTime"] = (_NOW - timedelta(hours=hours)).isoformat()
    seen = _seen(server)
    assert (seen.regional, seen.zones, seen.state) == (True, ("europe-west6-a", "europe-west6-b"), "RUNNABLE")
    assert (seen.backups, seen.backups_kept, seen.log_days) == (True, 35, 7)
    assert (seen.age_seconds, seen.backed_up_seconds_ago) == (30 * 86400, 2 * 3600)
    assert {_HOST, "10.40.224.3"} <= set(seen.reached_as)
    assert {one.partition(" ")[0] for one in server.requests} == {"GET"}
    told = json.dumps(asdict(seen))
    assert not [word for word in ("CERTIFICATE", "kmsKey", "userLabels", "tier") if word in told]


def test_an_instance_in_one_zone_without_a_log_and_without_a_backup_says_so(server: SqlAdminServer) -> None:
    live = server.instances[_INSTANCE]
    del live["secondaryGceZone"]
    live["settings"] |= {
        "availabilityType": "ZONAL",
        "backupConfiguration": _BACKUP | {"pointInTimeRecoveryEnabled": False},
    }
    seen = _seen(server)
    assert (seen.regional, seen.zones, seen.log_days, seen.backed_up_seconds_ago) == (
        False, ("europe-west6-a",), 0, None,
    )  # fmt: skip
    del live["settings"]["backupConfiguration"]
    assert _seen(server).backups is False


@pytest.mark.parametrize(
    ("status", "error", "remediation"),
    [
        (403, ForbiddenError, "roles/cloudsql.viewer"),
        (500, ServerFaultError, ""),
        (401, UnauthenticatedError, "gcloud"),
    ],
)
def test_no_answer_is_an_error_with_what_to_do_and_never_a_fact(
    server: SqlAdminServer, status: int, error: type[KastellanError], remediation: str
) -> None:
    server.failing = [status]
    with pytest.raises(error) as refused:
        _asked(server).describe(_HOST)
    assert remediation in refused.value.remediation


def test_an_instance_that_is_not_there_is_told(server: SqlAdminServer) -> None:
    with pytest.raises(NotFoundError):
        _asked(server, instance="other").describe(_HOST)


def test_only_a_stack_that_names_an_instance_lets_its_provider_be_asked() -> None:
    retention = Retention(keep=1, age=timedelta(days=1))
    named = RestorePointSettings(storage=CloudSql(project=PROJECT, instance=_INSTANCE), retention=retention)
    assert managed_database_of(named, FakeClock()) is not None
    assert managed_database_of(None, FakeClock()) is None
