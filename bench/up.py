"""How long `pulumi up` takes beyond what the engine and the language take themselves."""

import tempfile
from pathlib import Path
from typing import Any

import yaml

from bench.measure import Row, ratio, seconds
from lab.postgres import Postgres
from lab.pulumi_cli import PulumiCli
from lab.simulated import SimulatedCluster
from lab.stack import MASTERKEY, Stack, write_catalogue

DIGEST = "sha256:" + "a" * 64


def measure() -> list[Row]:
    """A first one, and one with nothing to do next to a stack without resources."""
    with tempfile.TemporaryDirectory() as folder, SimulatedCluster() as cluster, Postgres() as postgres:
        postgres.create_role("zitadel", "password")
        postgres.create_database("zitadel", owner="zitadel")
        pulumi = PulumiCli(Path(folder) / "ours")
        stack = our_stack(pulumi, cluster, postgres)
        first = seconds(up(stack.pulumi, stack.name), runs=1)
        nothing = seconds(up(stack.pulumi, stack.name, "--expect-no-changes"), runs=5)
        bare = bare_stack(Path(folder) / "bare")
        up(bare, "bare")()
        compared = seconds(up(bare, "bare", "--expect-no-changes"), runs=5)
    return [
        ("first `pulumi up`, simulated nodes", str(first), "`pulumi up --yes --skip-preview`"),
        ("a stack without resources, nothing to do", str(compared), "`pulumi up --expect-no-changes`"),
        (
            "an installation, nothing to do",
            f"{nothing}; {ratio(nothing, compared)} times the stack without resources",
            "`pulumi up --expect-no-changes`",
        ),
    ]


def our_stack(pulumi: PulumiCli, cluster: SimulatedCluster, postgres: Postgres) -> Stack:
    write_catalogue(pulumi.project / "catalogue.yaml", {"v4.13.0": (f"localhost/a@{DIGEST}", f"localhost/b@{DIGEST}")})
    (pulumi.project / "customer.kubeconfig").write_text(cluster.kubeconfig_text)
    values: dict[str, Any] = {
        "platform": "existing",
        "version": "v4.13.0",
        "domain": "id.customer.example",
        "cluster": {"kubeconfigPath": "customer.kubeconfig"},
        "catalogue": "catalogue.yaml",
        "verification": "readiness",
        "database": {"host": postgres.host, "port": postgres.port, "ca": postgres.ca_pem},
    }
    return Stack(pulumi, "bench", values, secrets={"masterkey": MASTERKEY, "database.password": "password"})


def bare_stack(home: Path) -> PulumiCli:
    """The same engine and language, with a program that declares nothing."""
    pulumi = PulumiCli(home)
    (pulumi.project / "stacks" / "__main__.py").write_text("import pulumi\n\npulumi.export('nothing', 1)\n")
    project = yaml.safe_load((pulumi.project / "Pulumi.yaml").read_text())
    del project["plugins"]
    (pulumi.project / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    pulumi.run("stack", "init", "bare")
    return pulumi


def up(pulumi: PulumiCli, stack: str, *arguments: str) -> Any:
    def act() -> None:
        done = pulumi.run("up", "--yes", "--skip-preview", "--stack", stack, *arguments)
        if done.returncode != 0:
            raise RuntimeError(done.stdout + done.stderr)

    return act
