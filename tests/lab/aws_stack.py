"""The example stack on AWS under the real engine: the cloud is simulated, cluster and database are real."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from kastellan.domain.dedicated_pool import POOL, POOL_LABEL
from lab.postgres import Postgres
from lab.pulumi_cli import ROOT, PulumiCli
from lab.simulated import NodeShape, SimulatedCluster
from lab.stack import MASTERKEY, Stack
from tests.clouds.aws.simulated_aws import SimulatedAmazon

DIGEST = "sha256:" + "a" * 64
NAME = "acme"
_ADDRESS = "127.54.32.2"
"""RDS listens on 5432 here; an address of its own keeps it apart from other servers of this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsLab:
    """The stack, and what stands behind it."""

    stack: Stack
    cloud: SimulatedAmazon
    cluster: SimulatedCluster
    postgres: Postgres

    def run(self, command: str, *arguments: str) -> tuple[int, str]:
        """A command of the engine on the stack: exit code, and what it said."""
        asking = () if command == "preview" or "--preview-only" in arguments else ("--yes", "--skip-preview")
        done = self.stack.pulumi.run(command, *asking, "--stack", self.stack.name, *arguments)
        return done.returncode, done.stdout + done.stderr

    def up(self, *arguments: str) -> str:
        """An update that has to succeed."""
        code, said = self.run("up", *arguments)
        assert code == 0, said
        return said


@contextmanager
def aws_lab(folder: Path) -> Iterator[AwsLab]:
    """Everything but the installation."""
    with (
        SimulatedCluster(_nodes()) as cluster,
        Postgres(bind=_ADDRESS, port=5432, settings=["max_connections=500"]) as postgres,
    ):
        pulumi = PulumiCli(folder / "pulumi")
        with SimulatedAmazon(pulumi, folder / "cloud") as cloud:
            cloud.tell(
                clusterEndpoint=cluster.server, clusterCa=cluster.authority.certificate, databaseHost=postgres.host
            )
            operator = cluster.authority.client("operator", ("system:masters",))
            cloud.login_with(operator.certificate, operator.private_key)
            values = _values(postgres)
            cloud.zone("customer.example", values["aws"]["dns"]["zoneId"])
            secrets: dict[str, str | Path] = {
                "masterkey": MASTERKEY,
                "database.password": "of-the-role",
                "database.admin.password": postgres.admin_password,
            }
            yield AwsLab(
                stack=Stack(pulumi, NAME, values, secrets=secrets), cloud=cloud, cluster=cluster, postgres=postgres
            )


def _values(postgres: Postgres) -> dict[str, Any]:
    """The example, with images that simulated nodes know, and as fast as they are."""
    example = yaml.safe_load((ROOT / "stacks" / "Pulumi.example-eks.yaml").read_text())["config"]
    values = {key.partition(":")[2]: value for key, value in example.items() if key.startswith("installation:")}
    del values["masterkey"]
    values["database"] = {"ca": postgres.ca_pem, "admin": {"user": postgres.admin_user}}
    values["images"] = {"zitadel": f"localhost/zitadel@{DIGEST}", "login": f"localhost/login@{DIGEST}"}
    return values | {"verification": "readiness"}


def _nodes() -> tuple[NodeShape, ...]:
    """As the sized groups are: one small node a zone, and two that are ZITADEL's alone."""
    taint = {"key": POOL_LABEL, "value": POOL, "effect": "NoSchedule"}
    zones = [f"eu-central-2{letter}" for letter in "abc"]
    platform = [NodeShape(name=f"platform-{zone}", zone=zone, cpu="2", memory="8Gi") for zone in zones]
    own = [
        NodeShape(name=f"zitadel-{zone}-{n}", zone=zone, cpu="3920m", memory="13Gi", taints=(taint,),
                  labels={POOL_LABEL: POOL})
        for zone in zones for n in range(2)
    ]  # fmt: skip
    return (*platform, *own)
