"""The example stack on AWS under the real engine: the cloud is simulated, cluster and database are real."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.postgres import Postgres
from lab.pulumi_cli import PulumiCli
from lab.simulated import SimulatedCluster
from lab.stack import MASTERKEY, Stack
from tests.clouds.aws.simulated_aws import SimulatedAmazon
from tests.lab.cloud_lab import NAME, CloudLab, example_values, sized_nodes

_ADDRESS = "127.54.32.2"
"""RDS listens on 5432 here; an address of its own keeps it apart from other servers of this machine."""


AwsLab = CloudLab[SimulatedAmazon]


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
            cloud.zone("customer.example", values["aws"]["dns"]["zoneId"])
            secrets: dict[str, str | Path] = {
                "masterkey": MASTERKEY,
                "database.password": "of-the-role",
                "database.admin.password": postgres.admin_password,
            }
            yield AwsLab(
                stack=Stack(pulumi, NAME, values, secrets=secrets), cloud=cloud, cluster=cluster, postgres=postgres
            )
