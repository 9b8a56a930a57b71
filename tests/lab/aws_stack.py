"""The example stack on AWS under the real engine: the cloud is simulated, cluster and database are real."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.postgres import Postgres
from lab.pulumi_cli import PulumiCli
from lab.simulated import SimulatedCluster
from lab.stack import MASTERKEY, Stack
from tests.clouds.aws.simulated_aws import SimulatedAmazon
from tests.lab.cloud_lab import NAME, CloudLab, example_values, sized_nodes

_ADDRESS = "127.54.32.2"
"""RDS listens on 5432 here; an address of its own keeps it apart from other servers of this machine."""


@dataclass(frozen=True, kw_only=True)
class AwsLab(CloudLab[SimulatedAmazon]):
    """The stack, and what stands behind it.

    Attributes:
        state_key: id of the key of the cloud's that encrypts the stack's state, and is there before.
    """

    state_key: str

    @property
    def aws(self) -> dict[str, Any]:
        """`installation:aws` of the stack file."""
        return self.base("aws")


@contextmanager
def aws_lab(folder: Path) -> Iterator[AwsLab]:
    """Everything but the installation."""
    with (
        SimulatedCluster(sized_nodes(*(f"eu-central-2{letter}" for letter in "abc"))) as cluster,
        Postgres(bind=_ADDRESS, port=5432, settings=["max_connections=500"]) as postgres,
    ):
        pulumi = PulumiCli(folder / "pulumi")
        with SimulatedAmazon(pulumi, folder / "cloud") as cloud:
            cloud.tell(
                clusterEndpoint=cluster.server, clusterCa=cluster.authority.certificate, databaseHost=postgres.host
            )
            operator = cluster.authority.client("operator", ("system:masters",))
            cloud.login_with(operator.certificate, operator.private_key)
            values = example_values("eks", {"ca": postgres.ca_pem, "admin": {"user": postgres.admin_user}})
            del values["restorePoints"]  # the database is none of the simulated cloud's: nobody there knows it
            cloud.zone("customer.example", values["aws"]["dns"]["zoneId"])
            secrets: dict[str, str | Path] = {
                "masterkey": MASTERKEY,
                "database.password": "of-the-role",
                "database.admin.password": postgres.admin_password,
            }
            state_key = cloud.client("kms").create_key(Description="encrypts the state")["KeyMetadata"]["KeyId"]
            provider = f"awskms:///{state_key}?region=eu-central-2&awssdk=v2"
            stack = Stack(pulumi, NAME, values, secrets=secrets, secrets_provider=provider)
            yield AwsLab(stack=stack, cloud=cloud, cluster=cluster, postgres=postgres, state_key=state_key)
