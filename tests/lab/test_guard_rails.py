"""The real engine refuses what breaks a guard rail: by the program itself, and by the policy pack."""

import sys
from pathlib import Path

import pytest

from kastellan.provision import google_guard_rails
from lab.pulumi_cli import PulumiCli
from tests.clouds.simulated_google import SimulatedGoogle

PACK = str(Path(sys.executable).with_name("kastellan-guard-rails"))
PROGRAM = """
import pulumi
import pulumi_gcp as gcp
from kastellan.provision.guarding import hold_to_guard_rails

held, fault = pulumi.Config("test").require("held"), pulumi.Config("test").get("fault")
if held == "program":
    hold_to_guard_rails("google", protect=fault != "leaving")
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


@pytest.fixture
def cloud(pulumi: PulumiCli, tmp_path: Path) -> SimulatedGoogle:
    """A cloud that would make everything, and a program that breaks every rule for Google Cloud."""
    (pulumi.project / "stacks" / "__main__.py").write_text(PROGRAM)
    assert pulumi.run("stack", "init", "bad").returncode == 0
    return SimulatedGoogle(pulumi, tmp_path / "cloud")


def test_the_engine_refuses_every_violation_by_the_pack_and_by_the_program_and_makes_nothing(
    cloud: SimulatedGoogle, pulumi: PulumiCli
) -> None:
    pulumi.run("config", "set", "test:held", "pack", "--stack", "bad")
    done = pulumi.run(
        "up", "--yes", "--policy-pack", PACK, "--stack", "bad"
    )  # its preview tells all, an update the first
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert {name for name in google_guard_rails.BROKEN if name not in said} == set()
    assert "[mandatory]" in said

    pulumi.run("config", "set", "test:held", "program", "--stack", "bad")
    done = pulumi.run("up", "--yes", "--skip-preview", "--stack", "bad")
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert " breaks a guard rail: " in said
    assert cloud.calls == []

    pulumi.run("config", "set", "test:fault", "leaving", "--stack", "bad")
    done = pulumi.run("preview", "--stack", "bad")
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "google.protect is false" in said
