"""`kastellan restore-points` and `kastellan drill` on a stack with real secrets, a real PostgreSQL and a real store."""

import json
import subprocess
import sys
from pathlib import Path

import psycopg
import yaml

from lab.postgres import binaries
from lab.pulumi_cli import PulumiCli
from tests.builders import MASTERKEY
from tests.lab.conftest import Database
from tests.lab.test_restore_points import EVENT, SCHEMA

IMAGE = "ghcr.io/zitadel/{}@sha256:" + "0" * 64


def write_stack(pulumi: PulumiCli, database: Database) -> None:
    server = database.server
    config = {
        "platform": "existing",
        "version": "v4.13.1",
        "domain": "id.acme.example",
        "cluster": {},
        "images": {"zitadel": IMAGE.format("zitadel"), "login": IMAGE.format("zitadel-login")},
        "database": {
            "host": server.host,
            "port": server.port,
            "name": database.name,
            "user": database.user,
            "ca": server.ca_pem,
            "admin": {"user": server.admin_user},
        },
        "restorePoints": {"directory": "points"},
    }
    path = pulumi.project / "stacks" / "Pulumi.acme.yaml"
    path.write_text(yaml.safe_dump({"config": {f"installation:{key}": value for key, value in config.items()}}))
    assert pulumi.run("stack", "init", "acme").returncode == 0
    secrets = {
        "masterkey": MASTERKEY,
        "database.password": database.password,
        "database.admin.password": server.admin_password,
        "cluster.kubeconfig": "{}",
    }
    for name, value in secrets.items():
        done = pulumi.run(
            "config", "set", "--secret", "--path", f"installation:{name}", "--stack", "acme", stdin=value
        )  # fmt: skip
        assert done.returncode == 0, done.stderr


def test_restore_points_are_made_checked_and_drilled_from_the_command_line(
    pulumi: PulumiCli, database: Database, tmp_path: Path
) -> None:
    write_stack(pulumi, database)
    with psycopg.connect(database.url) as session:
        session.execute(SCHEMA)
        session.execute(EVENT)
    environment = pulumi.environment | {
        "KASTELLAN_STORE": f"sqlite:///{tmp_path / 'store.sqlite'}",
        "KASTELLAN_POSTGRES_PROGRAMS": str(binaries()),
    }

    def kastellan(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [str(Path(sys.executable).with_name("kastellan")), *arguments],
            cwd=pulumi.project,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    planned = kastellan("drill", "acme", "--dry-run")
    assert (planned.returncode, planned.stdout.split(" into ")[0]) == (
        0,
        "a new restore point would be made and restored",
    )
    first = kastellan("drill", "acme")
    assert first.returncode == 4, first.stdout + first.stderr
    assert "RPO            not measured: there was no restore point before this drill" in first.stdout
    assert "passed: everything came back" in first.stdout
    second = kastellan("drill", "acme", "--json")
    assert second.returncode == 0, second.stderr
    report = json.loads(second.stdout)
    assert (report["passed"], report["rows"], report["tables"]) == (True, 1, 2)
    checked = kastellan("restore-points", "check", "acme")
    assert (checked.returncode, checked.stdout.rstrip().endswith("whole")) == (0, True)
    (dump,) = (pulumi.project / "points" / "acme").glob("*.dump")
    dump.write_bytes(dump.read_bytes()[:-100])
    failed = kastellan("drill", "acme")
    assert failed.returncode == 3
    assert "FAILED" in failed.stdout
    recorded = json.loads(kastellan("ledger", "show", "acme", "--json").stdout)
    assert [entry["body"]["passed"] for entry in recorded] == [True, True, False]
    everything = first.stdout + first.stderr + second.stdout + failed.stdout + failed.stderr
    assert database.password not in everything
