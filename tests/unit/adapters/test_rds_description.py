"""RDS as evidence, on moto's API of it; what moto leaves out of its answers is put into them as Amazon writes it."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.rds.models import rds_backends
from moto.rds.responses import RDSResponse

from kastellan.adapters.aws.account import AwsAccount
from kastellan.adapters.rds.description import RdsDescription
from kastellan.ports.managed_database import ManagedDatabase
from kastellan.preflight.database_facts import ManagedService
from tests.contracts.managed_database import HOUR, ManagedDatabaseContract
from tests.fakes.clock import FakeClock

_INSTANCE, _GROUP, _REGION = "acme-db", "acme", "eu-central-2"
_FAULT = "<ErrorResponse><Error><Code>{code}</Code><Message>as the test said</Message></Error></ErrorResponse>"
_AUTHORITY = """<DescribeCertificatesResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/">
<DescribeCertificatesResult><Certificates><Certificate><CertificateIdentifier>rds-ca-rsa2048-g1</CertificateIdentifier>
<ValidTill>2061-05-24T23:59:59Z</ValidTill></Certificate></Certificates></DescribeCertificatesResult>
</DescribeCertificatesResponse>"""
_REFUSALS = {
    "forbidden": (403, "AccessDenied"), "unknown credential": (403, "InvalidClientTokenId"),
    "throttled": (400, "Throttling"), "broken": (500, "InternalFailure"),
}  # fmt: skip


class _Account(AwsAccount):
    """An account whose answers a test may replace or complete, and whose requests it sees."""

    def __init__(self, session: Any) -> None:
        super().__init__(DEFAULT_ACCOUNT_ID, _REGION, attempts=1)
        self._of_tests = session
        self.failing: list[tuple[int, str]] = []
        self.requests: list[str] = []
        self.second_zone = f"{_REGION}b"
        self.tells_authorities = True

    def session(self) -> Any:
        return self._of_tests

    def _made(self, service: str, region: str) -> Any:
        made = super()._made(service, region)
        made.meta.events.register_first("before-send.rds", self._instead)
        made.meta.events.register("provide-client-params.rds", lambda model, **_: self.requests.append(model.name))
        made.meta.events.register("after-call.rds.DescribeDBInstances", self._complete)
        return made

    def _instead(self, request: Any, **_: Any) -> AWSResponse | None:
        if self.failing:
            return _answer(request, *self.failing.pop(0))
        silent = "Action=DescribeCertificates" in request.body and not self.tells_authorities
        return _answer(request, 403, "AccessDenied") if silent else None

    def _complete(self, parsed: dict[str, Any], **_: Any) -> None:
        for one in parsed.get("DBInstances", ()):
            if one["MultiAZ"]:
                one["SecondaryAvailabilityZone"] = self.second_zone


def _answer(request: Any, status: int, code: str) -> AWSResponse:
    answer = AWSResponse(request.url, status, {"content-type": "text/xml"}, None)
    answer._content = _FAULT.format(code=code).encode()
    return answer


class _World:
    """See `tests.contracts.managed_database.ManagedWorld`."""

    def __init__(self, session: Any) -> None:
        self.client = session.client("rds", region_name=_REGION)
        self.account = _Account(session)
        self.clock = FakeClock(datetime.now(UTC))  # moto's own clock goes on by itself

    @property
    def moto(self) -> Any:
        return rds_backends[DEFAULT_ACCOUNT_ID][_REGION]

    @property
    def live(self) -> Any:
        return self.moto.databases[_INSTANCE]

    @property
    def host(self) -> str:
        return f"{_INSTANCE}.aaaaaaaaaa.{_REGION}.rds.amazonaws.com"

    @property
    def changed(self) -> list[str]:
        return [one for one in self.account.requests if not one.startswith("Describe")]

    def asked(self) -> ManagedDatabase:
        return RdsDescription(self.account, _INSTANCE, self.clock)

    def asked_by_nobody(self) -> ManagedDatabase:
        return RdsDescription(_Account(SimpleNamespace(get_credentials=lambda: None)), _INSTANCE, self.clock)

    def asked_about_another(self) -> ManagedDatabase:
        return RdsDescription(self.account, "other", self.clock)

    def refuse(self, what: str) -> None:
        self.account.failing = [_REFUSALS[what]]

    def back_up(self, hours_ago: float, *, whole: bool) -> None:
        self.client.create_db_snapshot(DBInstanceIdentifier=_INSTANCE, DBSnapshotIdentifier=f"b{hours_ago:.0f}")
        made = self.moto.database_snapshots[f"b{hours_ago:.0f}"]
        made.snapshot_type, made.status = "automated", "available" if whole else "failed"
        made.created = made.original_created_at = self.clock.now() - timedelta(hours=hours_ago)

    def lose_standby(self) -> None:
        self.live.multi_az = False

    def switch_backups_off(self) -> None:
        self.live.backup_retention_period = 0

    def let_in_without_tls(self) -> None:
        _force_tls(self.client, "0")


def _force_tls(client: Any, value: str) -> None:
    parameter = {"ParameterName": "rds.force_ssl", "ParameterValue": value, "ApplyMethod": "immediate"}
    client.modify_db_parameter_group(DBParameterGroupName=_GROUP, Parameters=[parameter])


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    """A session with an empty cloud, which reads the models of the APIs once."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setattr(RDSResponse, "describe_certificates", lambda _: _AUTHORITY, raising=False)
        for name in [one for one in os.environ if one.startswith("AWS_") and "KEY" not in one]:
            patch.delenv(name)
        made = boto3.session.Session()
        made.client("rds", region_name=_REGION).create_db_parameter_group(
            DBParameterGroupName=_GROUP, DBParameterGroupFamily="postgres17", Description="d"
        )
        yield made


@pytest.fixture
def world(session: Any) -> Iterator[_World]:
    made = _World(session)
    _force_tls(made.client, "1")
    made.client.create_db_instance(
        DBInstanceIdentifier=_INSTANCE, Engine="postgres", EngineVersion="17.4", MasterUsername="operator",
        MasterUserPassword="p" * 20, DBInstanceClass="db.m6i.xlarge", AllocatedStorage=100, MultiAZ=True,
        DBParameterGroupName=_GROUP, BackupRetentionPeriod=35, CACertificateIdentifier="rds-ca-rsa2048-g1",
    )  # fmt: skip
    made.moto.database_snapshots.clear()  # the one that moto makes at once
    made.live.created = made.live.instance_create_time = made.clock.now() - timedelta(days=30)
    yield made
    made.moto.databases.clear()
    made.moto.clusters.clear()
    made.moto.database_snapshots.clear()


class TestContract(ManagedDatabaseContract):
    """What every provider's adapter keeps."""


def _seen(world: _World) -> ManagedService:
    seen = world.asked().describe(world.host)
    assert isinstance(seen, ManagedService)
    return seen


def test_what_amazon_shows_is_kept_in_few_words(world: _World) -> None:
    seen = _seen(world)
    assert (seen.provider, seen.version, seen.state) == ("Amazon RDS", "17.4", "available")
    assert seen.zones == (f"{_REGION}a", f"{_REGION}b")
    assert (seen.backups_kept, seen.log_days, seen.backed_up_seconds_ago) == (35, 35, None)
    assert seen.restorable_seconds_ago is not None
    assert abs(seen.restorable_seconds_ago) < HOUR
    assert seen.authority_ends == datetime(2061, 5, 24, 23, 59, 59, tzinfo=UTC)
    assert world.host in seen.reached_as


def test_an_authority_that_is_not_told_and_a_group_without_the_parameter_are_no_answer(world: _World) -> None:
    world.account.tells_authorities = False
    world.moto.db_parameter_groups[_GROUP].parameters.clear()
    seen = _seen(world)
    assert (seen.authority_ends, seen.tls_forced) == (None, None)


def test_an_instance_that_is_not_available_serves_nobody(world: _World) -> None:
    world.live.status = "storage-full"
    seen = _seen(world)
    assert (seen.state, seen.serves) == ("storage-full", False)
