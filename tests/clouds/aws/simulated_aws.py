"""The simulated AWS before the engine, with the moto server that answers for it."""

import os
from pathlib import Path
from types import TracebackType
from typing import Any

from moto.server import ThreadedMotoServer

from lab.pulumi_cli import PulumiCli
from tests.clouds.aws.making import client, hosted_zone
from tests.clouds.simulated import Simulated


class SimulatedAmazon(Simulated):
    """AWS; a context manager, which ends the server."""

    package = "aws"
    module = "tests.clouds.aws.provider"
    login = "aws"

    def __init__(self, pulumi: PulumiCli, folder: Path) -> None:
        """Take the provider's place for all commands of this engine."""
        super().__init__(pulumi, folder)
        # moto knows the names of Amazon's managed policies only when it is told to load them.
        os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self._server.start()
        host, port = self._server.get_host_and_port()
        self._endpoint = f"http://{host}:{port}"
        self.tell(moto=self._endpoint)
        # As every tool of Amazon's is told another address of its APIs, and who asks.
        pulumi.environment |= {
            "AWS_ENDPOINT_URL": self._endpoint, "AWS_ACCESS_KEY_ID": "simulated", "AWS_SECRET_ACCESS_KEY": "simulated",
        }  # fmt: skip

    def __enter__(self) -> "SimulatedAmazon":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.stop()

    def client(self, service: str, region: str = "eu-central-2") -> Any:
        """A client of boto3, to look at what is there, and to change it by hand."""
        return client(service, self._endpoint, region)

    def zone(self, domain: str, known_as: str) -> None:
        """A zone of Route 53 that is there before."""
        hosted_zone(domain, known_as, self._endpoint)
