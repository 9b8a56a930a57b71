"""An installation on the lab's real nodes: a stack, a database of its own, and the images where nodes find them."""

import base64
import json
from collections.abc import Sequence
from typing import Any

import psycopg

from kastellan.adapters.system_user_key import read_system_user_key
from kastellan.domain.secrets import ADMIN_CLIENT, SystemUserKey
from lab.edge_image import edge_image
from lab.errors import LabError
from lab.images import VARIANTS, catalogue, releases
from lab.pki import Authority
from lab.postgres import Postgres
from lab.pulumi_cli import PulumiCli
from lab.real import RealCluster
from lab.stack import DOMAIN, MASTERKEY, Stack

TLS_SECRET = "edge-tls"
_PASSWORD = "password"


class Place:
    """One installation.

    Attributes:
        name: of the stack, the namespace and, with underscores, the database.
        stack: the stack.
        url: connection URL of its database's owner.
        authority: who signed the edge's certificate.
    """

    def __init__(
        self,
        cluster: RealCluster,
        postgres: Postgres,
        pulumi: PulumiCli,
        name: str,
        *,
        version: str = "v4.13.1",
        versions: Sequence[str] = tuple(VARIANTS),
        edge: bool = False,
        **values: Any,
    ) -> None:
        """Make the stack; nothing is installed yet.

        Args:
            cluster: where.
            postgres: the server for its database.
            pulumi: the engine.
            name: a DNS label.
            version: the first version.
            versions: of the stand-in that it may be brought to, ascending.
            edge: whether kastellan's own edge leads to it.
            values: further keys of the stack.
        """
        self.cluster, self.postgres, self.name, self.authority = cluster, postgres, name, Authority()
        database = name.replace("-", "_")
        postgres.create_role(database, _PASSWORD)
        postgres.create_database(database, owner=database)
        self.url = postgres.url(database, _PASSWORD, database)
        built = releases(versions)
        for release in built:
            for archive in (release.server, release.login):
                cluster.import_image(archive.path, [archive.by_digest])
        catalogue(pulumi.project / "catalogue.yaml", built)
        (pulumi.project / "customer.kubeconfig").write_text(cluster.kubeconfig_text)
        described: dict[str, Any] = {
            "platform": "existing",
            "version": version,
            "domain": DOMAIN,
            "namespace": name,
            "cluster": {"kubeconfigPath": "customer.kubeconfig"},
            "catalogue": "catalogue.yaml",
            "database": {
                "host": postgres.host,
                "port": postgres.port,
                "name": database,
                "user": database,
                "ca": postgres.ca_pem,
            },
            **(self._edge() if edge else {}),
            **values,
        }
        secrets = {"masterkey": MASTERKEY, "database.password": _PASSWORD}
        self.stack = Stack(pulumi, name, described, secrets=secrets)

    def up(self, *, succeeds: bool = True) -> str:
        """Run `pulumi up` and return what it said.

        Raises:
            LabError: it ended otherwise than expected.
        """
        done = self.stack.pulumi.run("up", "--yes", "--skip-preview", "--stack", self.name)
        if (done.returncode == 0) is not succeeds:
            raise LabError(f"`pulumi up` ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def refresh(self) -> str:
        """Run `pulumi refresh`, which finds what differs from what was brought, and return what it said.

        Raises:
            LabError: it failed.
        """
        done = self.stack.pulumi.run("refresh", "--yes", "--skip-preview", "--stack", self.name)
        if done.returncode != 0:
            raise LabError(f"`pulumi refresh` ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def marks(self, step: str) -> list[str]:
        """What the database says about a migration step, oldest first."""
        query = "select event_type from eventstore.events2 where payload->>'name' = %s order by position"
        with psycopg.connect(self.url) as session:
            return [kind.rpartition(".")[2] for (kind,) in session.execute(query, (step,)).fetchall()]

    def kubectl(self, *arguments: str) -> str:
        """Something that somebody does in its namespace."""
        return self.cluster.kubectl("-n", self.name, *arguments)

    def objects(self, kind: str, labels: str = "") -> list[dict[str, Any]]:
        """Objects of a kind in its namespace."""
        found: list[dict[str, Any]] = json.loads(self.kubectl("get", kind, "-l", labels, "-o", "json"))["items"]
        return found

    def versions(self, *, leaving: bool = False) -> set[str]:
        """Releases of the API's pods.

        Args:
            leaving: also of those that serve on while they end.
        """
        pods = self.objects("pods", "app.kubernetes.io/name=zitadel")
        staying = [pod for pod in pods if leaving or "deletionTimestamp" not in pod["metadata"]]
        return {pod["metadata"]["labels"]["app.kubernetes.io/version"] for pod in staying}

    def operator(self) -> SystemUserKey:
        """The key pair of the operator's system user, from the stack's encrypted state."""
        done = self.stack.pulumi.run("stack", "export", "--show-secrets", "--stack", self.name)
        for resource in json.loads(done.stdout)["deployment"]["resources"]:
            if resource["type"] == "kastellan:index:Release":
                users = resource["outputs"]["systemUsers"]
                # A secret output is its JSON text in an envelope.
                users = json.loads(users["plaintext"]) if "plaintext" in users else users
                return read_system_user_key(ADMIN_CLIENT, users[ADMIN_CLIENT]["privateKey"])
        raise LabError(f"nothing is installed at {self.name}")

    def service_address(self, name: str) -> str:
        """Address of a Service, which the lab's machine reaches."""
        return str(json.loads(self.kubectl("get", "service", name, "-o", "json"))["spec"]["clusterIP"])

    def _edge(self) -> dict[str, Any]:
        """Routing by an edge of our own; its certificate is where a customer would put it."""
        image = edge_image()
        self.cluster.import_image(image.path, [image.by_digest])
        credential = self.authority.server([DOMAIN])
        # Kastellan makes the namespace; a certificate can be put there before, into a namespace that will be its own.
        self.cluster.apply(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.name}},
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "type": "kubernetes.io/tls",
                "metadata": {"name": TLS_SECRET, "namespace": self.name},
                "data": {
                    "tls.crt": base64.b64encode(credential.certificate.encode()).decode(),
                    "tls.key": base64.b64encode(credential.private_key.encode()).decode(),
                },
            },
        )
        edge = {"image": image.by_digest, "exposure": "ClusterIP"}
        return {"routing": {"kind": "edge", "tlsSecret": TLS_SECRET, "edge": edge}}
