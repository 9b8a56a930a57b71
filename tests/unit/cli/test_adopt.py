"""`kastellan adopt` with an engine that answers as `pulumi` does."""

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from kastellan.cli.main import run
from tests.fakes.pulumi_program import engine_on_path

ROOT = Path(__file__).parents[3]
PREVIEW = Path(__file__).parent / "preview-gke.json"
CLUSTER = "projects/customer-zitadel/locations/europe-west6/clusters/acme"


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the example stack, and a `pulumi` on PATH; the cloud's objects are in a file."""
    shutil.copy(PREVIEW, tmp_path / "preview.json")
    return engine_on_path(tmp_path, monkeypatch)


def _cloud(engine: Path, objects: Mapping[str, Any]) -> None:
    (engine / "cloud.json").write_text(json.dumps(objects))


def _state(engine: Path) -> list[str]:
    file = engine / "state.json"
    return [one["urn"].rpartition("::")[2] for one in json.loads(file.read_text())] if file.exists() else []


def test_what_the_cloud_has_is_taken_over_and_the_rest_is_left(
    engine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _cloud(engine, {CLUSTER: {"resourceLabels": {"installation": "acme"}}})
    assert run(["adopt", "acme", "cluster"]) == 0
    assert capsys.readouterr().out == f"adopted Cluster cluster ({CLUSTER})\npulumi up goes on from here\n"
    assert _state(engine) == ["cluster"]


def test_a_name_that_the_cloud_does_not_have_is_told(engine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _cloud(engine, {})
    assert run(["adopt", "acme", "cluster", "nonsense"]) == 5
    assert "nothing found" in capsys.readouterr().out
    assert _state(engine) == []


def test_another_installations_object_is_let_go_again(engine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _cloud(engine, {CLUSTER: {"resourceLabels": {"installation": "other"}}})
    assert run(["adopt", "acme", "cluster"]) == 1
    assert "carries no label of installation acme" in capsys.readouterr().err
    assert _state(engine) == []


def test_what_cannot_be_taken_over_is_an_error_and_not_absent(engine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _cloud(engine, {CLUSTER: "broken"})
    assert run(["adopt", "acme", "cluster"]) == 1
    assert "do not match the existing resource" in capsys.readouterr().err


def test_a_dry_run_tells_the_ids_and_asks_the_cloud_nothing(engine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _cloud(engine, {CLUSTER: "broken"})
    assert run(["adopt", "acme", "--dry-run", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert CLUSTER in [one["id"] for one in told["wouldLookFor"]]
    assert "projects/customer-zitadel/instances/acme-db" in [one["id"] for one in told["wouldLookFor"]]
    assert told["lookedFor"] == len(told["wouldLookFor"]) > 10


def test_an_installation_on_a_customers_cluster_needs_none(engine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(ROOT / "stacks" / "Pulumi.example.yaml", engine / "stacks" / "Pulumi.own.yaml")
    assert run(["adopt", "own"]) == 2
    assert "has no cloud of its own" in capsys.readouterr().err


PLATFORM = "urn:pulumi:acme::installation::kastellan:aws:Platform::platform"
NAT = f"{PLATFORM.rpartition('::')[0]}$aws:ec2/natGateway:NatGateway::nat-2"


@pytest.fixture
def aws(engine: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The example on AWS, whose next update would make a NAT gateway; and EC2, where it may be already."""
    shutil.copy(ROOT / "stacks" / "Pulumi.example-eks.yaml", engine / "stacks" / "Pulumi.acme.yaml")
    step = {
        "urn": NAT,
        "op": "create",
        "newState": {
            "type": "aws:ec2/natGateway:NatGateway",
            "parent": PLATFORM,
            "provider": "urn:pulumi:acme::installation::pulumi:providers:aws::aws::0815",
            "inputs": {"tags": {"Name": "acme-nat-2", "installation": "acme"}},
        },
    }
    (engine / "preview.json").write_text(json.dumps({"steps": [step]}))
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        yield boto3.client("ec2", region_name="eu-central-2")


def _gateway(ec2: Any) -> str:
    network = ec2.create_vpc(CidrBlock="10.40.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=network, CidrBlock="10.40.0.0/20")["Subnet"]["SubnetId"]
    tags = [{"Key": "Name", "Value": "acme-nat-2"}, {"Key": "installation", "Value": "acme"}]
    tagged = [{"ResourceType": "natgateway", "Tags": tags}]
    made = ec2.create_nat_gateway(SubnetId=subnet, TagSpecifications=tagged)["NatGateway"]["NatGatewayId"]
    return str(made)


def test_on_aws_what_has_no_name_is_found_by_its_tags(
    engine: Path, aws: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    known = _gateway(aws)
    _cloud(engine, {known: {"tags": {"installation": "acme"}}})
    assert run(["adopt", "acme", "nat-2"]) == 0
    assert f"adopted NatGateway nat-2 ({known})" in capsys.readouterr().out
    assert _state(engine) == ["nat-2"]


def test_on_aws_a_second_one_is_told_and_left_alone(engine: Path, aws: Any, capsys: pytest.CaptureFixture[str]) -> None:
    both = [_gateway(aws), _gateway(aws)]
    _cloud(engine, {known: {"tags": {"installation": "acme"}} for known in both})
    assert run(["adopt", "acme"]) == 0
    said = capsys.readouterr()
    assert said.out.count("adopted") == 1
    assert said.err.count("may be a second one") == 1
    assert len(_state(engine)) == 1


def test_on_aws_another_account_is_not_searched(engine: Path, aws: Any, capsys: pytest.CaptureFixture[str]) -> None:
    stack = engine / "stacks" / "Pulumi.acme.yaml"
    stack.write_text(stack.read_text().replace('"123456789012"', '"210987654321"'))
    assert run(["adopt", "acme"]) == 1
    assert "this is about account 210987654321" in capsys.readouterr().err
    assert _state(engine) == []
