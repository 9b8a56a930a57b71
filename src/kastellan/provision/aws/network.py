"""The network: subnets in every zone, one way out a zone, and private ways to Amazon's services (DI-1, DI-2)."""

from dataclasses import dataclass

import pulumi
from pulumi_aws.ec2 import (
    DefaultSecurityGroup,
    Eip,
    InternetGateway,
    NatGateway,
    Route,
    RouteTable,
    RouteTableAssociation,
    Subnet,
    Vpc,
)

from kastellan.domain.aws_base import AwsBase

EVERYBODY = "0.0.0.0/0"


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkArgs:
    """Of the whole base."""

    base: AwsBase


class Network(pulumi.ComponentResource):
    """No node has a public address; a zone that is lost takes no other zone's way out along (DI-2).

    Attributes:
        vpc_id: of the VPC.
        public: subnets of the load balancer, by zone; known once the internet reaches them, which Amazon asks for.
        private: subnets of the nodes.
        ways_out: of the private subnets; each is known once it is there. Only what has to reach the internet waits
            for it: what more waits for, an engine that explains a refused `destroy` walks over again and again.
        database: subnets of the database, which have no way out at all.
        private_tables: route tables of the private subnets.
    """

    vpc_id: pulumi.Output[str]
    public: list[pulumi.Output[str]]
    private: list[pulumi.Output[str]]
    ways_out: list[pulumi.Output[str]]
    database: list[pulumi.Output[str]]
    private_tables: list[pulumi.Output[str]]

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kastellan:aws:Network", name, None, opts)
        base = args.base
        inside = pulumi.ResourceOptions(parent=self)
        vpc = Vpc(
            "vpc",
            cidr_block=str(base.network.whole),
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags=base.tagged(),
            opts=inside,
        )
        self.vpc_id = vpc.id
        # Without rules nothing is let in or out of what names no group of its own.
        DefaultSecurityGroup("default", vpc_id=vpc.id, ingress=[], egress=[], tags=base.tagged("default"), opts=inside)
        gateway = InternetGateway("internet", vpc_id=vpc.id, tags=base.tagged(), opts=inside)
        table = self._table(base, "public")
        internet = Route(
            "public", route_table_id=table, destination_cidr_block=EVERYBODY, gateway_id=gateway.id, opts=inside
        )
        self.public, self.private, self.ways_out, self.database, self.private_tables = [], [], [], [], []
        inner = self._table(base, "database")
        for index, zone in enumerate(base.zones):
            # A constant name: letters of zones are of the region and would change with it.
            number = index + 1
            public = self._subnet(base, f"public-{number}", zone, str(base.network.public[index]))
            private = self._subnet(base, f"private-{number}", zone, str(base.network.private[index]))
            database = self._subnet(base, f"database-{number}", zone, str(base.network.database[index]))
            public = _after(public, self._tied(f"public-{number}", public, table), internet.id)
            way_out, route = self._way_out(base, number, public, gateway)
            self.public.append(public)
            self.private.append(private)
            self.ways_out.append(_after(self._tied(f"private-{number}", private, way_out), route))
            self.database.append(_after(database, self._tied(f"database-{number}", database, inner)))
            self.private_tables.append(way_out)
        self.register_outputs({"vpc_id": vpc.id})

    def _table(self, base: AwsBase, name: str) -> pulumi.Output[str]:
        opts = pulumi.ResourceOptions(parent=self)
        made: pulumi.Output[str] = RouteTable(name, vpc_id=self.vpc_id, tags=base.tagged(name), opts=opts).id
        return made

    def _way_out(
        self, base: AwsBase, number: int, public: pulumi.Output[str], gateway: InternetGateway
    ) -> tuple[pulumi.Output[str], pulumi.Output[str]]:
        """A route table, and its route that leads out through NAT in the same zone."""
        name = f"private-{number}"
        waits = pulumi.ResourceOptions(parent=self, depends_on=[gateway])
        address = Eip(f"nat-{number}", domain="vpc", tags=base.tagged(f"nat-{number}"), opts=waits)
        nat = NatGateway(
            f"nat-{number}",
            allocation_id=address.id,
            subnet_id=public,
            connectivity_type="public",
            tags=base.tagged(f"nat-{number}"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        table = self._table(base, name)
        route = Route(
            name,
            route_table_id=table,
            destination_cidr_block=EVERYBODY,
            nat_gateway_id=nat.id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return table, route.id

    def _subnet(self, base: AwsBase, name: str, zone: str, cidr: str) -> pulumi.Output[str]:
        made: pulumi.Output[str] = Subnet(
            name,
            vpc_id=self.vpc_id,
            availability_zone=zone,
            cidr_block=cidr,
            map_public_ip_on_launch=False,
            tags=base.tagged(name),
            opts=pulumi.ResourceOptions(parent=self),
        ).id
        return made

    def _tied(self, name: str, subnet: pulumi.Output[str], table: pulumi.Output[str]) -> pulumi.Output[str]:
        """Known once the subnet follows the route table."""
        inside = pulumi.ResourceOptions(parent=self)
        tied: pulumi.Output[str] = RouteTableAssociation(name, subnet_id=subnet, route_table_id=table, opts=inside).id
        return tied


def _after(known: pulumi.Output[str], *others: pulumi.Output[str]) -> pulumi.Output[str]:
    """The same, once the others are there, too."""
    return pulumi.Output.all(known, *others).apply(lambda all_of_them: str(all_of_them[0]))
