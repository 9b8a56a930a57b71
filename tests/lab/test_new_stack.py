"""`kastellan new` with the real Pulumi: a file that parses, a masterkey that nobody sees."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from kastellan.config.stack_file import read_stack_file
from kastellan.domain.errors import InvalidInputError
from lab.pulumi_cli import PulumiCli
from tests.builders import CA


def new(pulumi: PulumiCli, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [str(Path(sys.executable).with_name("kastellan")), "new", *arguments]
    return subprocess.run(
        command, cwd=pulumi.project, env=pulumi.environment, capture_output=True, text=True, check=False
    )


def test_a_new_stack_has_an_encrypted_masterkey_and_parses_once_images_are_named(
    pulumi: PulumiCli, tmp_path: Path
) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_text(CA)
    done = new(pulumi, "acme", "--domain", "id.acme.example", "--database-host", "db", "--database-ca", str(ca))
    assert done.returncode == 0, done.stderr
    path = pulumi.project / "stacks" / "Pulumi.acme.yaml"
    config = yaml.safe_load(path.read_text())["config"]
    assert set(config["installation:masterkey"]) == {"secure"}
    shown = pulumi.run("config", "get", "installation:masterkey", "--stack", "acme").stdout.strip()
    assert len(shown) == 32
    assert shown not in done.stdout + path.read_text()
    with pytest.raises(InvalidInputError) as refused:
        read_stack_file("acme", project=pulumi.project).parse()
    assert {reason.path for reason in refused.value.reasons} == {
        "installation:images.zitadel", "installation:images.login",
    }  # fmt: skip
    path.write_text(path.read_text().replace("REPLACE-ME", "a" * 64))
    assert read_stack_file("acme", project=pulumi.project).parse().installation.domain == "id.acme.example"


def test_what_is_still_to_be_filled_in_is_told_at_once(pulumi: PulumiCli) -> None:
    assert new(pulumi, "acme", "--domain", "acme.example", "--host-names", "four-subdomains").returncode == 0
    with pytest.raises(InvalidInputError) as refused:
        read_stack_file("acme", project=pulumi.project).parse()
    assert {"installation:database.host", "installation:database.ca"} <= {r.path for r in refused.value.reasons}


def test_repeating_it_keeps_everything(pulumi: PulumiCli) -> None:
    assert new(pulumi, "acme", "--domain", "id.acme.example").returncode == 0
    before = (pulumi.project / "stacks" / "Pulumi.acme.yaml").read_text()
    again = new(pulumi, "acme", "--domain", "id.other.example")
    assert again.returncode == 0
    assert "kept" in again.stdout
    assert (pulumi.project / "stacks" / "Pulumi.acme.yaml").read_text() == before


def test_an_interrupted_run_is_finished_by_the_next(pulumi: PulumiCli) -> None:
    assert new(pulumi, "acme", "--domain", "id.acme.example").returncode == 0
    path = pulumi.project / "stacks" / "Pulumi.acme.yaml"
    document = yaml.safe_load(path.read_text())
    del document["config"]["installation:masterkey"]
    path.write_text(yaml.safe_dump(document))
    assert new(pulumi, "acme", "--domain", "id.acme.example").returncode == 0
    assert set(yaml.safe_load(path.read_text())["config"]["installation:masterkey"]) == {"secure"}


def test_bad_arguments_are_refused_before_anything_is_made(pulumi: PulumiCli) -> None:
    done = new(pulumi, "Not_A_Label", "--domain", "localhost")
    assert done.returncode == 2
    assert "name:" in done.stderr
    assert "domain:" in done.stderr
    assert not list((pulumi.project / "stacks").glob("Pulumi.*.yaml"))


def test_a_new_stack_on_google_cloud_has_both_secrets_and_says_what_is_left(pulumi: PulumiCli) -> None:
    gke = ("--platform", "gke", "--project", "acme-zitadel", "--region", "europe-west6")
    done = new(pulumi, "acme", "--domain", "id.acme.example", *gke)
    assert done.returncode == 0, done.stderr
    path = pulumi.project / "stacks" / "Pulumi.acme.yaml"
    config = yaml.safe_load(path.read_text())["config"]
    assert set(config["installation:masterkey"]) == {"secure"}
    assert set(config["installation:database"]["password"]) == {"secure"}
    with pytest.raises(InvalidInputError) as refused:
        read_stack_file("acme", project=pulumi.project).parse()
    assert "installation:google.authorisedNetworks.operators" in {reason.path for reason in refused.value.reasons}
    path.write_text(path.read_text().replace("operators: REPLACE-ME", "operators: 198.51.100.0/24"))
    path.write_text(path.read_text().replace("REPLACE-ME", "a" * 64))
    assert read_stack_file("acme", project=pulumi.project).parse().google is not None
    assert new(pulumi, "other", "--domain", "id.acme.example", "--platform", "gke").returncode == 2


def test_a_new_stack_on_aws_has_all_secrets_once_and_says_what_is_left(pulumi: PulumiCli, tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_text(CA)
    eks = ("--platform", "eks", "--account", "123456789012", "--region", "eu-central-2", "--database-ca", str(ca))
    done = new(pulumi, "acme", "--domain", "id.acme.example", *eks)
    assert done.returncode == 0, done.stderr
    path = pulumi.project / "stacks" / "Pulumi.acme.yaml"
    before = yaml.safe_load(path.read_text())["config"]
    assert set(before["installation:masterkey"]) == {"secure"}
    assert set(before["installation:database"]["password"]) == {"secure"}
    assert set(before["installation:database"]["admin"]["password"]) == {"secure"}
    assert new(pulumi, "acme", "--domain", "id.acme.example", *eks).returncode == 0
    assert yaml.safe_load(path.read_text())["config"] == before
    with pytest.raises(InvalidInputError) as refused:
        read_stack_file("acme", project=pulumi.project).parse()
    told = {reason.path for reason in refused.value.reasons}
    assert {"installation:aws.administrators[0]", "installation:aws.dns.zoneId"} <= told
    text = path.read_text().replace("[REPLACE-ME]", "[arn:aws:iam::123456789012:role/operators]")
    path.write_text(text.replace("zoneId: REPLACE-ME", "zoneId: Z0123456789").replace("REPLACE-ME", "a" * 64))
    assert read_stack_file("acme", project=pulumi.project).parse().aws is not None
