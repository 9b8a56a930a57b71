"""What the demo plays on: a customer's cluster and database, and the vendor's Pulumi, all real but the clouds."""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import urllib3

from lab.images import VARIANTS, StandInRelease, catalogue, releases
from lab.postgres import Postgres
from lab.pulumi_cli import PulumiCli
from lab.real import RealCluster
from lab.simulated import SimulatedCluster
from lab.stack import DOMAIN, MASTERKEY, Stack

if TYPE_CHECKING:
    from lab.control_plane import ControlPlane

NAME = "acme"
ROLE = DATABASE = "zitadel"
_PASSWORD = "password-of-the-role"
_VERSIONS = tuple(VARIANTS)[:2]


class Stage:
    """A context manager that ends everything it started, unless it is kept.

    Attributes:
        cluster: the customer's cluster.
        real: whether its nodes are.
        stack: the vendor's stack.
    """

    def __init__(self, *, real: bool, tell: Callable[[str], None]) -> None:
        """Set it up; the customer's mistakes are made already."""
        self.real = real
        built = releases(_VERSIONS, progress=tell)
        self.cluster: ControlPlane = RealCluster() if real else SimulatedCluster()
        try:
            if isinstance(self.cluster, RealCluster):
                tell("putting the images onto the nodes, as a registry would")
                for release in built:
                    for archive in (release.server, release.login):
                        self.cluster.import_image(archive.path, [archive.by_digest])
            address = self.cluster.address
            tell("starting the customer's PostgreSQL")
            self._postgres = Postgres(address, supervisor=self.cluster.supervisor)
            self._postgres.create_role(ROLE, _PASSWORD)
            self._postgres.create_database(DATABASE, owner=self._postgres.admin_user)
            self.third_node = sorted(self.kubectl("get", "nodes", "-o", "name").split())[-1]
            self.kubectl("label", self.third_node, "topology.kubernetes.io/zone-")
            self.stack = self._make_stack(built)
        except BaseException:
            self.cluster.supervisor.close()
            raise

    def kubectl(self, *arguments: str) -> str:
        """Something that the customer does."""
        return self.cluster.kubectl(*arguments)

    def customer_fixes_everything(self) -> list[str]:
        """Do what the preflight asked for; returns the commands for people."""
        grant = f"GRANT CREATE ON DATABASE {DATABASE} TO {ROLE}"
        label = "topology.kubernetes.io/zone=zone-c"
        self._postgres.execute("GRANT CREATE ON DATABASE zitadel TO zitadel")
        self.kubectl("label", self.third_node, label)
        return [f"kubectl label {self.third_node} {label}", f'psql -c "{grant}"']

    def kastellan(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run the product's command as the SRE."""
        return subprocess.run(
            [Path(sys.executable).with_name("kastellan"), *arguments],
            cwd=self.stack.pulumi.project,
            env=self.stack.pulumi.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def pulumi(self, *arguments: str, each_line: Callable[[str], None]) -> int:
        """Run Pulumi as the SRE and hand over every line as it comes."""
        process = subprocess.Popen(
            ["pulumi", *arguments, "--stack", NAME, "--non-interactive"],
            cwd=self.stack.pulumi.project,
            env=self.stack.pulumi.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None  # noqa: S101 - it was asked for
        for line in process.stdout:
            each_line(line.rstrip())
        return process.wait()

    def answers_by_zone(self, *, requests: int) -> Counter[str]:
        """Ask the Service through its address, each time on a new connection; which zone answered.

        Raises:
            urllib3.exceptions.HTTPError: a request got no answer.
        """
        service = self.cluster.request("GET", "/api/v1/namespaces/zitadel/services/zitadel")["spec"]["clusterIP"]
        zones = self._zones_of_pods()
        counted: Counter[str] = Counter()
        for _ in range(requests):
            answer = urllib3.request(
                "GET",
                f"http://{service}:8080/.well-known/openid-configuration",
                headers={"Host": DOMAIN, "Connection": "close"},
                retries=False,
                timeout=5,
            )
            counted[zones[answer.headers["X-Pod"]]] += answer.status == 200
        return counted

    def how_to_look_around(self) -> str:
        """Keep everything running, and say how to use it."""
        self.cluster.supervisor.keep()
        keys = ("KUBECONFIG", "PATH", "VIRTUAL_ENV", "PULUMI_HOME", "PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE")
        values = {**self.stack.pulumi.environment, "KUBECONFIG": str(self.cluster.kubeconfig)}
        file = self.stack.pulumi.home / "environment"
        file.touch(mode=0o600)
        file.write_text("".join(f"export {key}='{values[key]}'\n" for key in keys))
        return (
            f"  source {file}\n  cd {self.stack.pulumi.project}\n"
            f"  kubectl -n zitadel get pods -o wide\n  kastellan preflight {NAME}\n  pulumi stack --stack {NAME}\n\n"
            "`python -m lab down` ends it."
        )

    def _zones_of_pods(self) -> dict[str, str]:
        nodes = self.cluster.request("GET", "/api/v1/nodes")["items"]
        zones = {node["metadata"]["name"]: node["metadata"]["labels"]["topology.kubernetes.io/zone"] for node in nodes}
        pods = self.cluster.request("GET", "/api/v1/namespaces/zitadel/pods")["items"]
        return {pod["metadata"]["name"]: zones[pod["spec"]["nodeName"]] for pod in pods if "nodeName" in pod["spec"]}

    def _make_stack(self, built: Sequence[StandInRelease]) -> Stack:
        pulumi = PulumiCli(self.cluster.supervisor.folder / "vendor")
        catalogue(pulumi.project / "catalogue.yaml", built)
        (pulumi.project / f"{NAME}.kubeconfig").write_text(self.cluster.kubeconfig_text)
        values = {
            "platform": "existing",
            "version": _VERSIONS[0],
            "domain": DOMAIN,
            "cluster": {"kubeconfigPath": f"{NAME}.kubeconfig"},
            "catalogue": "catalogue.yaml",
            "verification": "requests" if self.real else "readiness",
            "database": {
                "host": self._postgres.host,
                "port": self._postgres.port,
                "name": DATABASE,
                "user": ROLE,
                "ca": self._postgres.ca_pem,
            },
        }
        return Stack(pulumi, NAME, values, secrets={"masterkey": MASTERKEY, "database.password": _PASSWORD})

    def __enter__(self) -> "Stage":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cluster.supervisor.close()
