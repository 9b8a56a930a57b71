"""The whole base on AWS, from the network to what an installation needs of it: a cluster and a database."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws.provider import Provider, ProviderDefaultTagsArgs

from kastellan.domain.aws_base import AwsBase
from kastellan.provision.aws.backup import Backup, BackupArgs
from kastellan.provision.aws.cluster import Cluster, ClusterArgs
from kastellan.provision.aws.database import Database, DatabaseArgs
from kastellan.provision.aws.edge import Edge, EdgeArgs
from kastellan.provision.aws.endpoints import Endpoints, EndpointsArgs
from kastellan.provision.aws.escrow import Escrow, EscrowArgs
from kastellan.provision.aws.keys import Keys, KeysArgs
from kastellan.provision.aws.monitoring import Monitoring, MonitoringArgs
from kastellan.provision.aws.network import Network, NetworkArgs
from kastellan.provision.aws.nodes import Nodes, NodesArgs


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsPlatformArgs:
    """What is made, and the secrets that it needs.

    Attributes:
        base: everything that is no secret.
        master: master user of the database's server.
        password: of that user; a Pulumi secret.
        escrow: secrets to keep in Secrets Manager as well, by name.
    """

    base: AwsBase
    master: str
    password: pulumi.Input[str]
    escrow: Mapping[str, pulumi.Input[str]]


class AwsPlatform(pulumi.ComponentResource):
    """Makes the base with a provider of its own, so that no resource can end up in another account or region.

    Attributes:
        kubeconfig: of the cluster, known once its nodes and the edge are there.
        database_host: name of the database's server.
        address: name of the load balancer.
        bucket: of backups.
    """

    kubeconfig: pulumi.Output[str]
    database_host: pulumi.Output[str]
    address: pulumi.Output[str]
    bucket: pulumi.Output[str]

    def __init__(self, name: str, args: AwsPlatformArgs) -> None:
        base = args.base
        provider = Provider(
            "aws",
            region=base.region,
            allowed_account_ids=[base.account],
            default_tags=ProviderDefaultTagsArgs(tags={"installation": base.installation, "managed-by": "kastellan"}),
        )
        super().__init__("kastellan:aws:Platform", name, None, pulumi.ResourceOptions(providers=[provider]))
        inside = pulumi.ResourceOptions(parent=self)
        network = Network("network", NetworkArgs(base=base), inside)
        endpoints = Endpoints("endpoints", EndpointsArgs(base=base, network=network), inside)
        keys = Keys("keys", KeysArgs(base=base), inside)
        cluster = Cluster("cluster", ClusterArgs(base=base, subnets=network.private, key=keys.cluster), inside)
        nodes = Nodes(
            "nodes",
            NodesArgs(
                base=base,
                cluster_name=cluster.cluster_name,
                subnets=network.private,
                ways_out=network.ways_out,
                endpoints=endpoints.ready,
            ),
            inside,
        )
        database = Database(
            "database",
            DatabaseArgs(
                base=base,
                vpc_id=network.vpc_id,
                subnets=network.database,
                key=keys.database,
                nodes_group_id=cluster.security_group_id,
                user=args.master,
                password=args.password,
            ),
            inside,
        )
        edge = Edge(
            "edge",
            EdgeArgs(
                base=base,
                vpc_id=network.vpc_id,
                subnets=network.public,
                nodes_group_id=cluster.security_group_id,
                scaling_groups=nodes.groups,
            ),
            inside,
        )
        self.bucket = Backup("backup", BackupArgs(base=base, key=keys.backup), inside).bucket
        Monitoring("monitoring", MonitoringArgs(base=base, balancer=edge.balancer), inside)
        if base.escrow:
            Escrow("escrow", EscrowArgs(base=base, secrets=args.escrow), inside)
        self.kubeconfig = pulumi.Output.all(cluster.kubeconfig, nodes.ready, edge.ready).apply(
            lambda known: str(known[0])
        )
        self.database_host, self.address = database.host, edge.address
        self.register_outputs({"address": self.address, "bucket": self.bucket})
