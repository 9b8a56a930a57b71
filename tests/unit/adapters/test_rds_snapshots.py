"""Restore points as snapshots of RDS, on moto's API of it."""

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.rds.models import rds_backends
from pydantic import ValidationError

from kastellan.adapters.aws.account import AwsAccount
from kastellan.adapters.postgres.held import Held
from kastellan.adapters.postgres.session import DatabaseAccess
from kastellan.adapters.rds.instances import RdsInstances
from kastellan.adapters.rds.snapshots import RdsSnapshots
from kastellan.adapters.rds.tagged_snapshot import snapshot_identifier, tags_of
from kastellan.config.restore_points_model import RestorePointsModel
from kastellan.domain.errors import (
    ConflictError,
    DeadlineExceededError,
    ForbiddenError,
    NotFoundError,
    ServerFaultError,
    StepFailedError,
    ThrottledError,
    UnauthenticatedError,
    UnreachableError,
)
from kastellan.domain.restore_point import EventMark, RestorePoint, Retention
from kastellan.domain.restore_storage import Rds
from tests.contracts.restore_points import NOW, RestorePointsContract
from tests.fakes.clock import FakeClock
from tests.fakes.progress import FakeProgress

INSTANCE, REGION = "acme-db", "eu-central-2"
WHERE = {"account": DEFAULT_ACCOUNT_ID, "region": REGION, "instance": INSTANCE}
SCRATCH = {"host": "s", "user": "u", "ca": "-----BEGIN CERTIFICATE-----\nYQ==\n-----END CERTIFICATE-----\n"}
DATABASE = DatabaseAccess(
    host="acme-db.x.eu-central-2.rds.amazonaws.com", port=5432, name="zitadel", user="zitadel", password="secret",
    ca="PEM", address="10.40.3.4",
)  # fmt: skip
_FAULT = "<ErrorResponse><Error><Code>{code}</Code><Message>as the test said</Message></Error></ErrorResponse>"


class WatchedAccount(AwsAccount):
    """An account whose answers a test may replace, and whose requests it sees."""

    def __init__(self, number: str, session: Any) -> None:
        super().__init__(number, REGION, attempts=1)
        self._of_tests = session
        self.failing: list[tuple[int, str]] = []
        self.requests: list[tuple[str, dict[str, Any]]] = []

    def session(self) -> Any:
        return self._of_tests

    def _made(self, service: str, region: str) -> Any:
        made = super()._made(service, region)
        made.meta.events.register_first("before-send.rds", self._instead)
        made.meta.events.register("provide-client-params.rds", self._asked)
        return made

    def _asked(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        self.requests.append((model.name, params))

    def _instead(self, request: Any, **_: Any) -> AWSResponse | None:
        if not self.failing:
            return None
        status, code = self.failing.pop(0)
        answer = AWSResponse(request.url, status, {"content-type": "text/xml"}, None)
        answer._content = _FAULT.format(code=code).encode()
        return answer


class CloudWorld:
    """The database is a number of events; a snapshot keeps the number, a restore brings it back."""

    def __init__(self, session: Any, number: str = DEFAULT_ACCOUNT_ID) -> None:
        self.session = session
        self.client = session.client("rds", region_name=REGION)
        self.clock = FakeClock(NOW)
        self.events = 0
        self.kept: dict[str, int] = {}
        self.account = WatchedAccount(number, session)
        self.asked: list[DatabaseAccess] = []
        self.points = RdsSnapshots(
            "acme",
            instance=INSTANCE,
            database=DATABASE,
            rds=RdsInstances(self.account, self.clock),
            holds=self._held,
            retention=Retention(keep=2, age=timedelta(days=90)),
            clock=self.clock,
            progress=FakeProgress(),
        )

    @property
    def moto(self) -> Any:
        """What moto knows."""
        return rds_backends[DEFAULT_ACCOUNT_ID][REGION]

    @property
    def snapshots(self) -> dict[str, Any]:
        """Without those that Amazon makes by itself."""
        return {name: one for name, one in self.moto.database_snapshots.items() if one.snapshot_type == "manual"}

    def _held(self, access: DatabaseAccess) -> Held:
        self.asked.append(access)
        restored = [asked for name, asked in self.account.requests if name == "RestoreDBInstanceFromDBSnapshot"]
        count = self.events
        if restored and access.host.startswith(f"{restored[-1]['DBInstanceIdentifier']}."):
            count = self._content(restored[-1]["DBSnapshotIdentifier"])
        event = EventMark(position=f"{count}.5", at=datetime(2026, 1, 1, tzinfo=UTC)) if count else None
        return Held(170005, event, {"eventstore.events2": count})

    def _content(self, snapshot: str) -> int:
        tags = {tag["Key"]: tag["Value"] for tag in self.moto.database_snapshots[snapshot].tags}
        return self.kept.get(snapshot, int(tags.get("kastellan:rows:eventstore.events2", "0")))

    def happen(self) -> None:
        self.events += 1

    def snapshot(self, key: str, status: str, installation: str = "acme") -> Any:
        """A snapshot with our tags that is there."""
        identifier = snapshot_identifier(installation, key)
        point = RestorePoint(
            installation=installation, key=key, at=NOW, size=0, digest="", server_version=170005, newest_event=None,
            rows={}, exact=False,
        )  # fmt: skip
        self.client.create_db_snapshot(
            DBInstanceIdentifier=INSTANCE, DBSnapshotIdentifier=identifier, Tags=tags_of(point)
        )
        made = self.moto.database_snapshots[identifier]
        made.status = status
        return made

    def damage(self, point: RestorePoint) -> None:
        for snapshot in self.snapshots.values():
            snapshot.status = "incompatible-restore"

    def lose(self, point: RestorePoint) -> None:
        for identifier in list(self.snapshots):
            self.client.delete_db_snapshot(DBSnapshotIdentifier=identifier)

    def leave_half_made(self, key: str) -> None:
        self.snapshot(key, "failed")

    def leave_scratch(
        self, point: RestorePoint, *, since: datetime = NOW - timedelta(days=1), tagged: bool = True
    ) -> None:
        tags = [{"Key": "kastellan:drill-of", "Value": INSTANCE}] if tagged else []
        self.client.create_db_instance(
            DBInstanceIdentifier=f"{INSTANCE}-drill-20261101000000", Engine="postgres", MasterUsername="operator",
            MasterUserPassword="p" * 20, DBInstanceClass="db.m6i.large", AllocatedStorage=100, Tags=tags,
        )  # fmt: skip
        self.moto.databases[f"{INSTANCE}-drill-20261101000000"].instance_create_time = since

    def leftovers(self) -> list[str]:
        instances = [name for name in self.moto.databases if name != INSTANCE]
        return instances + [name for name, one in self.snapshots.items() if one.status == "failed"]


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    """A session with an empty cloud, which reads the models of the APIs once."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name in [one for one in os.environ if one.startswith("AWS_") and "KEY" not in one]:
            patch.delenv(name)
        made = boto3.session.Session()
        ec2 = made.client("ec2", region_name=REGION)
        vpc = ec2.create_vpc(CidrBlock="10.40.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.40.{n}.0/24", AvailabilityZone=f"{REGION}{zone}")
            for n, zone in enumerate("abc")
        ]
        made.client("rds", region_name=REGION).create_db_subnet_group(
            DBSubnetGroupName=INSTANCE, DBSubnetGroupDescription="d",
            SubnetIds=[subnet["Subnet"]["SubnetId"] for subnet in subnets],
        )  # fmt: skip
        yield made


@pytest.fixture
def world(session: Any) -> Iterator[CloudWorld]:
    made = CloudWorld(session)
    made.client.create_db_instance(
        DBInstanceIdentifier=INSTANCE, Engine="postgres", EngineVersion="17", MasterUsername="operator",
        MasterUserPassword="p" * 20, DBInstanceClass="db.m6i.xlarge", AllocatedStorage=100, MultiAZ=True,
        DBSubnetGroupName=INSTANCE, CACertificateIdentifier="rds-ca-rsa2048-g1",
    )  # fmt: skip
    # Without protection, because moto restores it against the request.
    yield made
    made.moto.databases.clear()
    made.moto.database_snapshots.clear()


class TestContract(RestorePointsContract):
    """Everything that dumps promise, as far as a snapshot can."""


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"rds": WHERE, "directory": "x"}, "either"),
        ({"rds": WHERE, "cloudSql": {"project": "acme-zitadel", "instance": "acme-db"}}, "either"),
        ({"rds": WHERE, "region": "x"}, "belong to a bucket"),
        ({"rds": WHERE, "scratch": SCRATCH}, "remove scratch"),
        ({"rds": WHERE | {"account": "acme"}}, "account"),
        ({"rds": WHERE | {"region": "Frankfurt"}}, "region"),
        ({"rds": WHERE | {"instance": "acme--db"}}, "instance"),
    ],
)
def test_what_does_not_go_with_snapshots_is_refused(values: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        RestorePointsModel.model_validate(values)


def test_a_stack_that_names_an_instance_gets_its_snapshots() -> None:
    model = RestorePointsModel.model_validate({"rds": WHERE})
    assert model.settings(Path()).storage == Rds(**WHERE)


@pytest.mark.parametrize("key", ["before-v4.14.0", "a" * 160, "A_b..c-", "2026-11-24T12.00.00Z"])
def test_amazon_takes_every_key_as_a_name_and_tells_two_keys_apart(key: str) -> None:
    known = snapshot_identifier("acme", key)
    assert re.fullmatch(r"[a-z](-?[a-z0-9])*", known)
    assert len(known) <= 255
    assert known != snapshot_identifier("acme", key.swapcase() if key.lower() != key.upper() else f"{key}0")


def test_a_drill_stands_as_the_real_one_but_alone_and_unprotected(world: CloudWorld) -> None:
    world.points.drill(world.points.make("one", NOW))
    (wanted,) = (asked for name, asked in world.account.requests if name == "RestoreDBInstanceFromDBSnapshot")
    assert (wanted["DBInstanceClass"], wanted["DBSubnetGroupName"]) == ("db.m6i.xlarge", INSTANCE)
    assert (wanted["MultiAZ"], wanted["PubliclyAccessible"], wanted["DeletionProtection"]) == (False, False, False)
    drilled = world.asked[-1]
    assert drilled.host.startswith("acme-db-drill-2026")
    assert (drilled.address, drilled.ca, drilled.user, drilled.password) == ("", "PEM", "zitadel", "secret")


def test_what_came_between_the_question_and_the_snapshot_is_no_difference(world: CloudWorld) -> None:
    world.happen()
    made = world.points.make("one", NOW)
    world.kept[snapshot_identifier("acme", "one")] = 3
    assert world.points.drill(made).differences == ()
    world.kept[snapshot_identifier("acme", "one")] = 0
    assert len(world.points.drill(made).differences) == 2


def test_a_snapshot_whose_maker_died_is_waited_for_and_not_made_again(world: CloudWorld) -> None:
    running = world.snapshot("one", "creating")
    sleep = world.clock.sleep

    def until_done(seconds: float) -> None:
        sleep(seconds)
        if world.clock.slept > 60:
            running.status = "available"

    world.clock.sleep = until_done  # type: ignore[method-assign]  # the cloud goes on while we wait
    assert world.points.make("one", NOW).key == "one"
    assert len(world.snapshots) == 1
    assert "CreateDBSnapshot" not in [name for name, _ in world.account.requests]


def test_two_makers_of_the_same_one_make_one(world: CloudWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    begin = RdsInstances.begin_snapshot

    def second(self: RdsInstances, instance: str, identifier: str, tags: list[dict[str, str]]) -> None:
        begin(self, instance, identifier, tags)
        begin(self, instance, identifier, tags)

    monkeypatch.setattr(RdsInstances, "begin_snapshot", second)
    assert world.points.make("one", NOW).key == "one"
    assert len(world.snapshots) == 1


def test_a_snapshot_of_somebody_else_with_our_name_is_a_conflict(world: CloudWorld) -> None:
    world.client.create_db_snapshot(
        DBInstanceIdentifier=INSTANCE, DBSnapshotIdentifier=snapshot_identifier("acme", "one")
    )
    with pytest.raises(ConflictError, match="AlreadyExists"):
        world.points.make("one", NOW)


def test_a_snapshot_that_takes_too_long_is_left_to_itself_and_taken_up_again(world: CloudWorld) -> None:
    running = world.snapshot("one", "creating")
    with pytest.raises(DeadlineExceededError, match="has not ended"):
        world.points.make("one", NOW, budget_seconds=100)
    assert world.points.list() == ()
    running.status = "available"
    assert world.points.make("one", NOW).key == "one"


def test_a_snapshot_that_fails_on_the_way_is_told(world: CloudWorld) -> None:
    running = world.snapshot("one", "creating")
    world.clock.sleep = lambda seconds: setattr(running, "status", "failed")  # type: ignore[method-assign]  # meanwhile
    with pytest.raises(StepFailedError, match="came to nothing"):
        world.points.make("one", NOW)


def test_a_restore_that_fails_leaves_no_instance(world: CloudWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    made = world.points.make("one", NOW)
    begin = RdsInstances.begin_restore

    def badly(self: RdsInstances, snapshot: str, wanted: dict[str, Any]) -> None:
        begin(self, snapshot, wanted)
        world.moto.databases[wanted["DBInstanceIdentifier"]].status = "incompatible-restore"

    monkeypatch.setattr(RdsInstances, "begin_restore", badly)
    with pytest.raises(StepFailedError, match="came to nothing"):
        world.points.drill(made)
    assert world.leftovers() == []


def test_a_drill_that_may_still_go_on_is_not_disturbed(world: CloudWorld) -> None:
    made = world.points.make("one", NOW)
    world.leave_scratch(made, since=NOW - timedelta(minutes=5))
    with pytest.raises(ConflictError) as caught:
        world.points.drill(made)
    assert "aws rds delete-db-instance" in caught.value.remediation
    assert world.leftovers() == ["acme-db-drill-20261101000000"]


def test_an_instance_of_somebody_else_is_never_deleted(world: CloudWorld) -> None:
    made = world.points.make("one", NOW)
    world.leave_scratch(made, tagged=False)
    world.points.drill(made)
    assert world.leftovers() == ["acme-db-drill-20261101000000"]


def test_snapshots_of_amazon_and_of_other_installations_are_left_alone(world: CloudWorld) -> None:
    world.client.create_db_snapshot(DBInstanceIdentifier=INSTANCE, DBSnapshotIdentifier="by-hand")
    world.snapshot("one", "available", installation="other")
    assert world.points.list() == ()
    made = world.points.make("one", NOW)
    for number, key in enumerate(("two", "three", "four"), start=1):
        world.points.make(key, NOW + timedelta(days=200 * number))
    assert made not in world.points.list()
    assert len(world.points.list()) == 2
    assert len(world.snapshots) == 2 + 2


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "Throttling", ThrottledError),
        (403, "AccessDenied", ForbiddenError),
        (400, "InvalidDBInstanceState", ConflictError),
        (404, "DBInstanceNotFound", NotFoundError),
        (403, "ExpiredToken", UnauthenticatedError),
        (500, "InternalFailure", ServerFaultError),
    ],
)
def test_a_refusal_says_what_it_is(world: CloudWorld, status: int, code: str, kind: type[Exception]) -> None:
    world.account.failing = [(status, code)]
    with pytest.raises(kind, match=code):
        world.points.list()


def test_what_fails_for_a_while_during_a_snapshot_is_asked_again(world: CloudWorld) -> None:
    running = world.snapshot("one", "creating")
    sleep = world.clock.sleep

    def meanwhile(seconds: float) -> None:
        sleep(seconds)
        if running.status == "creating":
            running.status = "available"
            world.account.failing = [(503, "ServiceUnavailable"), (400, "Throttling")]

    world.clock.sleep = meanwhile  # type: ignore[method-assign]  # the cloud goes on while we wait
    assert world.points.make("one", NOW).key == "one"
    assert world.account.failing == []


def test_an_instance_that_is_not_there_is_told(world: CloudWorld) -> None:
    world.client.delete_db_instance(DBInstanceIdentifier=INSTANCE, SkipFinalSnapshot=True)
    with pytest.raises(NotFoundError):
        world.points.make("one", NOW)


def test_another_account_is_never_asked(world: CloudWorld) -> None:
    other = CloudWorld(world.session, "999999999999")
    with pytest.raises(ForbiddenError, match=f"of account {DEFAULT_ACCOUNT_ID}, and this is about account 9"):
        other.points.make("one", NOW)
    assert other.account.requests == []


def test_without_credentials_nobody_is_asked_and_without_an_answer_it_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    nobody = AwsAccount(DEFAULT_ACCOUNT_ID, REGION, attempts=1)
    with pytest.raises(UnauthenticatedError, match="there are no credentials"):
        nobody.client("rds")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")
    with pytest.raises(UnreachableError):
        nobody.client("rds")
