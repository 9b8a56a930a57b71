"""A stack on AWS: what is refused without asking the cloud, and what the installation gets."""

from pathlib import Path
from typing import Any

import pytest

from kastellan.config.aws_stack import aws_base
from kastellan.config.cloud_stack import made_values
from kastellan.config.stack import parse_stack
from kastellan.domain.errors import InvalidInputError
from tests.builders import CA, MASTERKEY

DIGEST = "sha256:" + "a" * 64
CERTIFICATE = "arn:aws:acm:eu-central-2:123456789012:certificate/11111111-2222-3333-4444-555555555555"
AWS: dict[str, Any] = {
    "account": "123456789012",
    "region": "eu-central-2",
    "administrators": ["arn:aws:iam::123456789012:role/operators"],
    "dns": {"zoneId": "Z0123456789EXAMPLE"},
}
GOOD: dict[str, Any] = {
    "platform": "eks",
    "version": "v4.13.1",
    "domain": "id.customer.example",
    "database": {"password": "of-the-role", "ca": CA, "admin": {"password": "of-the-master"}},
    "masterkey": MASTERKEY,
    "images": {"zitadel": f"r/z@{DIGEST}", "login": f"r/l@{DIGEST}"},
    "aws": AWS,
}


def _errors(name: str = "acme", values: dict[str, Any] = GOOD, **aws: Any) -> dict[str, str]:
    with pytest.raises(InvalidInputError) as caught:
        parse_stack(name, values | {"aws": AWS | aws}, folder=Path.cwd())
    return {reason.path: reason.message for reason in caught.value.reasons}


def test_a_complete_stack_is_an_installation_behind_ports_of_nodes_of_its_own() -> None:
    stack = parse_stack("acme", GOOD, folder=Path.cwd())
    assert stack.aws is not None
    assert stack.installation.node_pool is not None
    ports = stack.installation.routing.node_ports
    assert ports is not None
    base = aws_base("acme", "id.customer.example", stack.aws, stack.sizing, None)
    assert base.zones == ("eu-central-2a", "eu-central-2b", "eu-central-2c")
    assert base.database_class == stack.sizing.tier.name
    assert ports.sources == tuple(str(subnet) for subnet in base.network.public)
    assert base.authorised_networks == ()
    assert base.protect


def test_what_the_provider_gets_is_parsed_to_the_same_installation_with_what_was_made() -> None:
    written = parse_stack("acme", GOOD, folder=Path.cwd()).installation
    database = {"host": "acme-db.x.eu-central-2.rds.amazonaws.com", "port": 5432}
    made = made_values("acme", GOOD, cluster={"kubeconfig": "apiVersion: v1"}, database=database)
    placed = parse_stack("acme", made, folder=Path.cwd(), made=True)
    assert placed.kubeconfig == "apiVersion: v1"
    assert placed.installation.database.host == database["host"]
    assert placed.installation.database.admin_user == "operator"
    assert placed.secrets is not None
    assert placed.secrets.database_admin_password == "of-the-master"
    assert (placed.installation.routing, placed.installation.node_pool, placed.installation.size) == (
        written.routing, written.node_pool, written.size,
    )  # fmt: skip


def test_all_errors_are_told_at_once_with_their_paths() -> None:
    found = _errors(
        region="mars-north-1", network="10.0.0.0/24", machineType="m7i.huge", databaseClass="db.t3.micro",
        account="1", authorisedNetworks={"all": "0.0.0.0/0"}, tags={"aws:x": "a"}, budget={"amount": 0},
        administrators=["root"], databaseNetworks=["8.8.8.0/24"], kubernetesVersion="1", dns={"zoneId": "x"},
    )  # fmt: skip
    assert {
        "region", "network", "machineType", "databaseClass", "account", "authorisedNetworks.all", "tags",
        "budget.amount", "administrators[0]", "databaseNetworks[0]", "kubernetesVersion", "dns.zoneId",
    } <= {path.removeprefix("installation:aws.") for path in found}  # fmt: skip
    assert "the whole internet" in found["installation:aws.authorisedNetworks.all"]


@pytest.mark.parametrize(
    ("aws", "path", "said"),
    [
        ({"zones": ["eu-central-2a", "eu-central-2b"]}, "aws", "at least three are needed [DI-2]"),
        ({"zones": ["eu-west-1a", "eu-central-2a", "eu-central-2b"]}, "aws", "eu-west-1a not in"),
        ({"network": "10.0.0.0/16", "apartFrom": ["10.0.3.0/24"]}, "aws", "overlaps 10.0.3.0/24"),
        ({"dns": None}, "aws", "give dns.zoneId"),
        ({"certificate": CERTIFICATE}, "aws", "not both"),
        ({"dns": None, "certificate": CERTIFICATE.replace("eu-central-2", "us-east-1")}, "aws", "not in eu-central-2"),
        ({"budget": {"amount": 5}}, "aws", "nobody would hear of it"),
        ({"network": "10.0.0.0/20", "nodesPerZone": 16}, "aws.network", "has 1019 addresses a zone"),
        ({"regoin": "x"}, "aws.regoin", "did you mean region?"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_refused(aws: dict[str, Any], path: str, said: str) -> None:
    assert said in _errors(**aws)[f"installation:{path}"]


def test_less_than_the_load_needs_is_refused() -> None:
    values = GOOD | {"load": {"users": 0, "loginsPerSecond": 20}}
    found = _errors(values=values, machineType="m7i.xlarge", nodesPerZone=1, databaseClass="db.m6i.large")
    assert "less than the load needs with a zone lost" in found["installation:aws.machineType"]
    assert "less than the load needs" in found["installation:aws.databaseClass"]


def test_more_zones_than_the_region_has_are_refused() -> None:
    assert "asks for 5 of 3 zones" in _errors(values=GOOD | {"minimumZones": 5})["installation:aws.zones"]


@pytest.mark.parametrize("name", ["a" * 21, "1acme", "ac--me"])
def test_a_name_that_amazon_would_not_take_is_refused(name: str) -> None:
    assert "becomes part of names that Amazon limits" in _errors(name)["installation:aws"]


def test_the_secrets_that_are_missing_are_named() -> None:
    found = _errors(values=GOOD | {"database": {"ca": CA}})
    assert {"installation:database.password", "installation:database.admin.password"} <= found.keys()


def test_a_password_that_rds_would_not_take_is_refused_and_not_shown() -> None:
    database = {"password": "x", "ca": CA, "admin": {"password": "with/a/slash"}}
    (message,) = _errors(values=GOOD | {"database": database}).values()
    assert "slash" not in message


def test_a_cluster_of_ones_own_is_none_of_awss_keys() -> None:
    assert "installation:cluster" in _errors(values=GOOD | {"cluster": {"kubeconfigPath": "x"}})
