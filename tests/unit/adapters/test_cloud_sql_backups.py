"""Restore points as backups of Cloud SQL, on an API that judges by Google's discovery document."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from kastellan.adapters.cloud_sql.admin_api import SqlAdmin
from kastellan.adapters.cloud_sql.backups import CloudSqlBackups
from kastellan.adapters.cloud_sql.described_backup import text_of
from kastellan.adapters.postgres.held import Held
from kastellan.adapters.postgres.session import DatabaseAccess
from kastellan.config.restore_points_model import RestorePointsModel
from kastellan.domain.errors import (
    ConflictError,
    DeadlineExceededError,
    ForbiddenError,
    ServerFaultError,
    StepFailedError,
    UnauthenticatedError,
    UnreachableError,
)
from kastellan.domain.restore_point import EventMark, RestorePoint, Retention
from kastellan.domain.restore_storage import CloudSql
from tests.clouds.sql_admin import PROJECT, SqlAdminServer
from tests.contracts.restore_points import NOW, RestorePointsContract
from tests.fakes.clock import FakeClock
from tests.fakes.progress import FakeProgress

INSTANCE = "acme-db"
SCRATCH = {"host": "s", "user": "u", "ca": "-----BEGIN CERTIFICATE-----\nYQ==\n-----END CERTIFICATE-----\n"}
DATABASE = DatabaseAccess(
    host="acme-db.europe-west6.sql.goog", port=5432, name="zitadel", user="zitadel", password="secret", ca="PEM"
)


class CloudWorld:
    """The database is a number of events; a backup keeps the number, a restore brings it back."""

    def __init__(self) -> None:
        self.clock = FakeClock(NOW)
        self.events = 0
        self.token = "valid"
        self.server = SqlAdminServer(INSTANCE, self.clock.now, lambda: self.events)
        self.asked: list[DatabaseAccess] = []
        self.points = self.with_budgets()

    def with_budgets(self) -> CloudSqlBackups:
        return CloudSqlBackups(
            "acme",
            project=PROJECT,
            instance=INSTANCE,
            database=DATABASE,
            admin=SqlAdmin(PROJECT, lambda: self.token, self.clock, address=self.server.address),
            holds=self._held,
            retention=Retention(keep=2, age=timedelta(days=90)),
            clock=self.clock,
            progress=FakeProgress(),
        )

    def _held(self, access: DatabaseAccess) -> Held:
        self.asked.append(access)
        drilled = [name for name in self.server.contents if access.host.startswith(f"{name}.")]
        count = self.server.contents[drilled[0]] if drilled else self.events
        event = EventMark(position=f"{count}.5", at=datetime(2026, 1, 1, tzinfo=UTC)) if count else None
        return Held(170005, event, {"eventstore.events2": count})

    def happen(self) -> None:
        self.events += 1

    def damage(self, point: RestorePoint) -> None:
        for backup in self.server.backups:
            backup["status"] = "DELETION_FAILED"

    def lose(self, point: RestorePoint) -> None:
        self.server.backups.clear()

    def leave_half_made(self, key: str) -> None:
        self.server.back_up(_described(key), status="FAILED")

    def leave_scratch(self, point: RestorePoint) -> None:
        left = dict(self.server.instances[INSTANCE])
        left |= {"name": f"{INSTANCE}-drill-20261101000000", "createTime": "2026-11-01T00:00:00.123Z"}
        left["settings"] = {"userLabels": {"kastellan-drill-of": INSTANCE}}
        self.server.instances[left["name"]] = left

    def leftovers(self) -> list[str]:
        instances = [name for name in self.server.instances if name != INSTANCE]
        return instances + [one["id"] for one in self.server.backups if one["status"] == "FAILED"]


def _described(key: str, installation: str = "acme") -> str:
    return text_of(
        RestorePoint(
            installation=installation, key=key, at=NOW, size=0, digest="", server_version=170005, newest_event=None,
            rows={}, exact=False,
        )
    )  # fmt: skip


@pytest.fixture
def world() -> Iterator[CloudWorld]:
    made = CloudWorld()
    yield made
    made.server.close()


class TestContract(RestorePointsContract):
    """Everything that dumps promise, as far as a backup can."""


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"cloudSql": {"project": PROJECT, "instance": INSTANCE}, "directory": "x"}, "either"),
        ({"cloudSql": {"project": PROJECT, "instance": INSTANCE}, "region": "x"}, "belong to a bucket"),
        ({"cloudSql": {"project": PROJECT, "instance": INSTANCE}, "scratch": SCRATCH}, "remove scratch"),
        ({"cloudSql": {"project": "A", "instance": INSTANCE}}, "project"),
    ],
)
def test_what_does_not_go_with_backups_is_refused(values: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        RestorePointsModel.model_validate(values)


def test_a_stack_that_names_an_instance_gets_its_backups() -> None:
    model = RestorePointsModel.model_validate({"cloudSql": {"project": PROJECT, "instance": INSTANCE}})
    assert model.settings(Path()).storage == CloudSql(project=PROJECT, instance=INSTANCE)


def test_what_came_between_the_question_and_the_backup_is_no_difference(world: CloudWorld) -> None:
    world.happen()
    made = world.points.make("one", NOW)
    world.server.backups[0]["_content"] = 3
    assert world.points.drill(made).differences == ()
    world.server.backups[0]["_content"] = 0
    assert len(world.points.drill(made).differences) == 2


def test_the_database_of_a_drill_is_reached_by_address_and_judged_by_the_name_that_it_certifies(
    world: CloudWorld,
) -> None:
    world.points.drill(world.points.make("one", NOW))
    drilled = world.asked[-1]
    assert drilled.host.startswith("acme-db-drill-2026")
    assert (drilled.address, drilled.ca) == ("10.40.224.3", "-----BEGIN CERTIFICATE-----")
    assert (drilled.user, drilled.password) == ("zitadel", "secret")


def test_a_backup_whose_maker_died_is_waited_for_and_not_made_again(world: CloudWorld) -> None:
    running = world.server.back_up(_described("one"), status="RUNNING")
    sleep = world.clock.sleep

    def until_done(seconds: float) -> None:
        sleep(seconds)
        if world.clock.slept > 60:
            running["status"] = "SUCCESSFUL"

    world.clock.sleep = until_done  # the cloud goes on while we wait
    assert world.points.make("one", NOW).key == "one"
    assert len(world.server.backups) == 1


def test_a_backup_that_fails_is_told_and_the_next_attempt_makes_another(world: CloudWorld) -> None:
    world.server.broken = {"BACKUP_VOLUME"}
    with pytest.raises(StepFailedError, match="the disk was on fire"):
        world.points.make("one", NOW)
    assert world.points.list() == ()
    world.server.broken = set()
    assert world.points.check(world.points.make("one", NOW)) == ()


def test_a_restore_that_fails_leaves_no_instance(world: CloudWorld) -> None:
    made = world.points.make("one", NOW)
    world.server.broken = {"RESTORE_VOLUME"}
    with pytest.raises(StepFailedError, match="the disk was on fire"):
        world.points.drill(made)
    assert world.leftovers() == []


def test_a_drill_that_may_still_go_on_is_not_disturbed(world: CloudWorld) -> None:
    made = world.points.make("one", NOW)
    world.leave_scratch(made)
    (left,) = world.leftovers()
    world.server.instances[left]["createTime"] = (NOW - timedelta(minutes=5)).isoformat()
    with pytest.raises(ConflictError, match="gcloud sql instances delete"):
        world.points.drill(made)
    assert world.leftovers() == [left]


def test_an_instance_of_somebody_else_is_never_deleted(world: CloudWorld) -> None:
    made = world.points.make("one", NOW)
    world.leave_scratch(made)
    (other,) = world.leftovers()
    world.server.instances[other]["settings"]["userLabels"] = {}
    world.points.drill(made)
    assert world.leftovers() == [other]


def test_backups_of_google_and_of_other_installations_are_left_alone(world: CloudWorld) -> None:
    world.server.back_up("")
    world.server.back_up("made by hand before the migration")
    world.server.back_up(_described("one", "other"))
    assert world.points.list() == ()
    made = world.points.make("one", NOW)
    world.points.make("two", NOW + timedelta(days=200))
    world.points.make("three", NOW + timedelta(days=400))
    world.points.make("four", NOW + timedelta(days=600))
    assert made not in world.points.list()
    assert len(world.server.backups) == 3 + 2


@pytest.mark.parametrize(
    ("status", "kind"),
    [(403, ForbiddenError), (409, ConflictError), (500, ServerFaultError), (401, UnauthenticatedError)],
)
def test_a_refusal_says_who_has_to_do_what(world: CloudWorld, status: int, kind: type[Exception]) -> None:
    world.server.failing = [status]
    with pytest.raises(kind):
        world.points.list()


def test_what_fails_for_a_while_during_a_backup_is_asked_again(world: CloudWorld) -> None:
    begin = SqlAdmin.begin_backup

    def then_fail(self: SqlAdmin, *arguments: Any) -> dict[str, Any]:
        operation = begin(self, *arguments)
        world.server.failing = [503, 429]
        return operation

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SqlAdmin, "begin_backup", then_fail)
        assert world.points.make("one", NOW).key == "one"


def test_a_backup_that_takes_too_long_is_left_to_itself(world: CloudWorld) -> None:
    with pytest.raises(DeadlineExceededError):
        world.points.make("one", NOW, budget_seconds=1)
    assert world.points.make("one", NOW).key == "one"
    assert len(world.server.backups) == 1


def test_an_api_that_is_not_there_and_a_token_that_is_no_good_are_told_apart(world: CloudWorld) -> None:
    world.token = "stale"
    with pytest.raises(UnauthenticatedError, match="gcloud auth application-default login"):
        world.points.list()
    nobody = SqlAdmin(PROJECT, lambda: "valid", world.clock, address="http://127.0.0.1:9")
    with pytest.raises(UnreachableError):
        list(nobody.backups(INSTANCE))
