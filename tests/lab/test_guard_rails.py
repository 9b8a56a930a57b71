"""The real engine refuses what breaks a guard rail: by the program itself, and by the policy pack."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kastellan.provision import aws_guard_rails, google_guard_rails
from lab.pulumi_cli import PulumiCli
from tests.clouds.aws.simulated_aws import SimulatedAmazon
from tests.clouds.simulated import Simulated
from tests.clouds.simulated_google import SimulatedGoogle

PACK = str(Path(sys.executable).with_name("kastellan-guard-rails"))
_HELD = """
import pulumi
from kastellan.provision.guarding import hold_to_guard_rails

held, fault = pulumi.Config("test").require("held"), pulumi.Config("test").get("fault")
if held == "program":
    hold_to_guard_rails("{key}", protect=fault != "leaving")
"""
_GOOGLE = """
import pulumi_gcp as gcp

google = pulumi.ResourceOptions(provider=gcp.Provider("google", project="acme-zitadel", region="europe-west6"))
if fault == "leaving":
    gcp.storage.Bucket("bucket", name="acme-zitadel-b", location="eu", labels={"installation": "acme"},
                       uniform_bucket_level_access=True, public_access_prevention="enforced", opts=google)
else:
    gcp.container.Cluster("cluster", name="acme", location="europe-west6", node_locations=["europe-west6-a"],
                          deletion_protection=False, initial_node_count=1, opts=google)
    gcp.sql.DatabaseInstance("server", name="acme-db", region="europe-west6", database_version="POSTGRES_17",
                             deletion_protection=False, opts=google,
                             settings={"tier": "db-custom-2-8192", "ip_configuration": {"ipv4_enabled": True}})
    gcp.storage.Bucket("bucket", name="acme-zitadel-b", location="eu", opts=google)
    gcp.kms.CryptoKey("key", name="acme-database", purpose="ENCRYPT_DECRYPT", opts=google,
                      key_ring="projects/acme-zitadel/locations/europe-west6/keyRings/acme")
"""
_AWS = """
import pulumi_aws as aws

amazon = pulumi.ResourceOptions(provider=aws.Provider("aws", region="eu-central-2"))
key = "arn:aws:kms:eu-central-2:123456789012:key/11111111-2222-3333-4444-555555555555"
if fault == "leaving":
    aws.kms.Key("key", description="of acme", enable_key_rotation=True, rotation_period_in_days=90,
                deletion_window_in_days=30, tags={"installation": "acme"}, opts=amazon)
else:
    aws.kms.Key("key", description="of acme", enable_key_rotation=False, deletion_window_in_days=30, opts=amazon)
    aws.ec2.Subnet("subnet", vpc_id="vpc-0123456789abcdef0", availability_zone="eu-central-2a",
                   cidr_block="10.0.0.0/24", map_public_ip_on_launch=True, opts=amazon)
    aws.eks.Cluster("cluster", name="acme", version="1.34", role_arn="arn:aws:iam::123456789012:role/acme",
                    vpc_config={"subnet_ids": ["subnet-0123456789abcdef0"], "endpoint_public_access": True},
                    encryption_config={"provider": {"key_arn": key}, "resources": []},
                    enabled_cluster_log_types=["api"], opts=amazon)
    aws.rds.Instance("server", identifier="acme-db", engine="postgres", engine_version="17", username="operator",
                     instance_class="db.m6i.large", allocated_storage=100, password="of-the-master-user",
                     multi_az=False, publicly_accessible=True, storage_encrypted=False, backup_retention_period=1,
                     opts=amazon)
    aws.rds.ParameterGroup("parameters", name="acme", family="postgres17", description="of acme", opts=amazon,
                           parameters=[{"name": "rds.force_ssl", "value": "0", "apply_method": "immediate"}])
    aws.vpc.SecurityGroupIngressRule("ssh", security_group_id="sg-0123456789abcdef0", ip_protocol="tcp",
                                     from_port=22, to_port=22, cidr_ipv4="0.0.0.0/0", opts=amazon)
    aws.s3.BucketPublicAccessBlock("open", bucket="acme", block_public_acls=False, block_public_policy=False,
                                   ignore_public_acls=False, restrict_public_buckets=False, opts=amazon)
    aws.ec2.LaunchTemplate("nodes", name="acme", update_default_version=True, opts=amazon,
                           block_device_mappings=[{"device_name": "/dev/xvda", "ebs": {
                               "volume_size": 50, "volume_type": "gp3", "encrypted": "false",
                               "delete_on_termination": "true"}}],
                           metadata_options={"http_endpoint": "enabled", "http_tokens": "optional"},
                           tag_specifications=[{"resource_type": "instance", "tags": {"a": "b"}}])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """A program that breaks every rule for a cloud that would make everything.

    Attributes:
        key: of the stack, under which its base is described.
        cloud: that would make it.
        engine: that is to refuse it.
        rules: of this cloud.
    """

    key: str
    cloud: Simulated
    engine: PulumiCli
    rules: Mapping[str, Any]


@pytest.fixture(params=["google", "aws"])
def bad(request: pytest.FixtureRequest, pulumi: PulumiCli, tmp_path: Path) -> Iterator[Bad]:
    clouds: dict[str, tuple[str, type[Simulated], Mapping[str, Any]]] = {
        "google": (_GOOGLE, SimulatedGoogle, google_guard_rails.BROKEN),
        "aws": (_AWS, SimulatedAmazon, aws_guard_rails.BROKEN),
    }
    program, simulated, rules = clouds[request.param]
    (pulumi.project / "stacks" / "__main__.py").write_text(_HELD.format(key=request.param) + program)
    assert pulumi.run("stack", "init", "bad").returncode == 0
    cloud = simulated(pulumi, tmp_path / "cloud")
    with ExitStack() as until_judged:
        if isinstance(cloud, AbstractContextManager):
            until_judged.enter_context(cloud)
        yield Bad(key=request.param, cloud=cloud, engine=pulumi, rules=rules)


def test_the_engine_refuses_every_violation_by_the_pack_and_by_the_program_and_makes_nothing(bad: Bad) -> None:
    bad.engine.run("config", "set", "test:held", "pack", "--stack", "bad")
    done = bad.engine.run("up", "--yes", "--policy-pack", PACK, "--stack", "bad")
    said = done.stdout + done.stderr  # of its preview, which tells all; an update tells the first
    assert done.returncode != 0
    assert {name for name in bad.rules if name not in said} == set(), said
    assert "[mandatory]" in said

    bad.engine.run("config", "set", "test:held", "program", "--stack", "bad")
    done = bad.engine.run("up", "--yes", "--skip-preview", "--stack", "bad")
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert " breaks a guard rail: " in said
    assert bad.cloud.calls == []

    bad.engine.run("config", "set", "test:fault", "leaving", "--stack", "bad")
    done = bad.engine.run("preview", "--stack", "bad")
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert f"{bad.key}.protect is false" in said
