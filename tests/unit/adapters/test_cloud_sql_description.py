"""Cloud SQL as evidence, on an API that judges by Google's discovery document."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kastellan.adapters.cloud_sql.admin_api import SqlAdmin
from kastellan.adapters.cloud_sql.description import CloudSqlDescription
from kastellan.adapters.managed_database import managed_database_of
from kastellan.domain.errors import UnauthenticatedError
from kastellan.domain.restore_point import Retention
from kastellan.domain.restore_storage import CloudSql, Rds, RestorePointSettings
from kastellan.ports.managed_database import ManagedDatabase
from kastellan.preflight.database_facts import ManagedService
from tests.clouds.sql_admin import PROJECT, SqlAdminServer
from tests.contracts.managed_database import ManagedDatabaseContract
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


class _World:
    """See `tests.contracts.managed_database.ManagedWorld`."""

    host = _HOST

    def __init__(self, server: SqlAdminServer) -> None:
        self.server = server

    @property
    def changed(self) -> list[str]:
        return [one for one in self.server.requests if not one.startswith("GET ")]

    def asked(self) -> ManagedDatabase:
        return _asked(self.server)

    def asked_by_nobody(self) -> ManagedDatabase:
        return CloudSqlDescription(_nobody, _INSTANCE, FakeClock(_NOW))

    def asked_about_another(self) -> ManagedDatabase:
        return _asked(self.server, instance="other")

    def refuse(self, what: str) -> None:
        self.server.failing = [{"forbidden": 403, "unknown credential": 401, "throttled": 429, "broken": 500}[what]]

    def back_up(self, hours_ago: float, *, whole: bool) -> None:
        made = self.server.back_up("", status="SUCCESSFUL" if whole else "FAILED")
        made["endTime"] = (_NOW - timedelta(hours=hours_ago)).isoformat()

    @property
    def _settings(self) -> dict[str, Any]:
        settings: dict[str, Any] = self.server.instances[_INSTANCE]["settings"]
        return settings

    def lose_standby(self) -> None:
        self._settings["availabilityType"] = "ZONAL"
        del self.server.instances[_INSTANCE]["secondaryGceZone"]

    def switch_backups_off(self) -> None:
        del self._settings["backupConfiguration"]

    def let_in_without_tls(self) -> None:
        self._settings["ipConfiguration"]["sslMode"] = "ALLOW_UNENCRYPTED_AND_ENCRYPTED"


@pytest.fixture
def world(server: SqlAdminServer) -> _World:
    return _World(server)


class TestContract(ManagedDatabaseContract):
    """What every provider's adapter keeps."""


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


def test_only_a_stack_that_names_an_instance_lets_its_provider_be_asked() -> None:
    retention = Retention(keep=1, age=timedelta(days=1))
    named = RestorePointSettings(storage=CloudSql(project=PROJECT, instance=_INSTANCE), retention=retention)
    assert managed_database_of(named, FakeClock()) is not None
    rds = RestorePointSettings(storage=Rds(account="123456789012", region="eu-central-2", instance=_INSTANCE))
    assert managed_database_of(rds, FakeClock()) is not None
    assert managed_database_of(None, FakeClock()) is None
