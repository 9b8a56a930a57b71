"""The whole base on Google Cloud, from the project to what an installation needs of it: a cluster and a database."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_gcp.provider import Provider

from kastellan.domain.google_base import GoogleBase
from kastellan.provision.gcp.backup import Backup, BackupArgs
from kastellan.provision.gcp.cluster import Cluster, ClusterArgs
from kastellan.provision.gcp.database import Database, DatabaseArgs
from kastellan.provision.gcp.edge import Edge, EdgeArgs
from kastellan.provision.gcp.escrow import Escrow, EscrowArgs
from kastellan.provision.gcp.keys import Keys, KeysArgs
from kastellan.provision.gcp.monitoring import Monitoring, MonitoringArgs
from kastellan.provision.gcp.network import Network, NetworkArgs
from kastellan.provision.gcp.nodes import Nodes, NodesArgs
from kastellan.provision.gcp.project import Project, ProjectArgs


@dataclass(frozen=True, slots=True, kw_only=True)
class GooglePlatformArgs:
    """What is made, and the secrets that it needs.

    Attributes:
        base: everything that is no secret.
        database: name of ZITADEL's database.
        user: role that ZITADEL runs as.
        password: of that role; a Pulumi secret.
        escrow: secrets to keep in Secret Manager as well, by name.
    """

    base: GoogleBase
    database: str
    user: str
    password: pulumi.Input[str]
    escrow: Mapping[str, pulumi.Input[str]]


class GooglePlatform(pulumi.ComponentResource):
    """Makes the base with a provider of its own, so that no resource can end up in another project.

    Attributes:
        kubeconfig: of the cluster, known once its nodes and the parts of the edge are there.
        database_host: name of the database's server.
        database_ca: PEM of its authorities.
        address: public address of the installation.
        authorisations: DNS records that prove the names.
        bucket: of backups.
    """

    kubeconfig: pulumi.Output[str]
    database_host: pulumi.Output[str]
    database_ca: pulumi.Output[str]
    address: pulumi.Output[str]
    authorisations: pulumi.Output[list[dict[str, str]]]
    bucket: pulumi.Output[str]

    def __init__(self, name: str, args: GooglePlatformArgs) -> None:
        base = args.base
        provider = Provider("google", project=base.project, region=base.region, default_labels=base.all_labels)
        super().__init__("kastellan:gcp:Platform", name, None, pulumi.ResourceOptions(providers=[provider]))
        inside = pulumi.ResourceOptions(parent=self)
        own = Project("project", ProjectArgs(base=base), inside)
        project = own.project_id
        network = Network("network", NetworkArgs(base=base, project=project), inside)
        keys = Keys("keys", KeysArgs(base=base, project=project), inside)
        cluster = Cluster(
            "cluster",
            ClusterArgs(
                base=base,
                project=project,
                network_id=network.network_id,
                subnet_id=network.subnet_id,
                key=keys.cluster,
            ),
            inside,
        )
        nodes = Nodes("nodes", NodesArgs(base=base, project=project, cluster_name=cluster.cluster_name), inside)
        database = Database(
            "database",
            DatabaseArgs(
                base=base,
                project=project,
                network_id=network.network_id,
                peering=network.peering,
                key=keys.database,
                name=args.database,
                user=args.user,
                password=args.password,
            ),
            inside,
        )
        edge = Edge("edge", EdgeArgs(base=base, project=project), inside)
        self.bucket = Backup("backup", BackupArgs(base=base, project=project), inside).bucket
        Monitoring("monitoring", MonitoringArgs(base=base, project=project, project_number=own.number), inside)
        if base.escrow:
            Escrow("escrow", EscrowArgs(base=base, project=project, secrets=args.escrow), inside)
        self.kubeconfig = pulumi.Output.all(cluster.kubeconfig, nodes.ready, edge.ready).apply(lambda known: known[0])
        self.database_host, self.database_ca = database.host, database.ca
        self.address, self.authorisations = edge.address, edge.authorisations
        self.register_outputs({"address": self.address, "bucket": self.bucket})
