"""A stack on AWS: what is refused without asking the cloud, and what the installation gets."""

from pathlib import Path
from typing import Any

import pytest

from kastellan.config.aws_stack import aws_base
from kastellan.config.cloud_stack import made_values
from kastellan.config.stack import parse_stack
from tests.builders import CA
from tests.unit.config.cloud_stacks import STACKS, errors

CERTIFICATE = "arn:aws:acm:eu-central-2:123456789012:certificate/11111111-2222-3333-4444-555555555555"
GOOD = STACKS["aws"]


def test_a_complete_stack_is_an_installation_behind_ports_of_nodes_of_its_own() -> None:
    stack = parse_stack("acme", GOOD, folder=Path.cwd())
    assert stack.aws is not None
    assert stack.installation.node_pool is not None
    ports = stack.installation.routing.node_ports
    assert ports is not None
    base = aws_base("acme", stack.installation.hosts, stack.aws, stack.sizing, None)
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


def test_what_only_aws_asks_for_is_told_at_once_with_its_paths() -> None:
    found = errors(
        "aws", account="1", tags={"aws:x": "a"}, budget={"amount": 0}, administrators=["root"],
        databaseNetworks=["8.8.8.0/24"], kubernetesVersion="1", dns={"zoneId": "x"},
        addonVersions={"coredns": "1.12", "ebsCsi": "v1.0.0-eksbuild.1"},
    )  # fmt: skip
    paths = ("account", "tags", "budget.amount", "administrators[0]", "databaseNetworks[0]", "kubernetesVersion",
             "dns.zoneId", "addonVersions.coredns", "addonVersions.ebsCsi")  # fmt: skip
    assert found.keys() == {f"aws.{path}" for path in paths}


@pytest.mark.parametrize(
    ("aws", "path", "said"),
    [
        ({"dns": None}, "aws.dns", "give dns.zoneId"),
        ({"certificate": CERTIFICATE}, "aws.certificate", "both given"),
        ({"dns": None, "certificate": CERTIFICATE.replace("eu-central-2", "us-east-1")}, "aws.certificate",
         "not in eu-central-2"),
        ({"budget": {"amount": 5}}, "aws.budget", "nobody would hear of it"),
        ({"addonVersions": {"kubeProxy": "v1.33.2-eksbuild.1"}}, "aws.addonVersions.kubeProxy", "another Kubernetes"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_refused(aws: dict[str, Any], path: str, said: str) -> None:
    assert said in errors("aws", **aws)[path]


def test_two_dashes_in_a_row_are_refused_in_a_name() -> None:
    assert "becomes part of names that Amazon limits" in errors("aws", "ac--me")["aws"]


def test_the_secrets_that_are_missing_are_named() -> None:
    found = errors("aws", values={"database": {"ca": CA}})
    assert found.keys() == {"database.password", "database.admin.password"}


def test_a_password_that_rds_would_not_take_is_refused_and_not_shown() -> None:
    database = {"password": "x", "ca": CA, "admin": {"password": "with/a/slash"}}
    (message,) = errors("aws", values={"database": database}).values()
    assert "slash" not in message
