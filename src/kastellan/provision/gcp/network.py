"""The network: a private subnet, a way out through Cloud NAT, and the private way to Google's side (DI-1)."""

from dataclasses import dataclass

import pulumi
from pulumi_gcp.compute import (
    GlobalAddress,
    Router,
    RouterNat,
    RouterNatLogConfigArgs,
    Subnetwork,
    SubnetworkLogConfigArgs,
    SubnetworkSecondaryIpRangeArgs,
)
from pulumi_gcp.compute import (
    Network as GoogleNetwork,
)
from pulumi_gcp.servicenetworking import Connection

from kastellan.domain.google_base import GoogleBase

PODS, SERVICES = "pods", "services"
"""Names of the subnet's secondary ranges."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkArgs:
    """The base, and the project once its APIs are enabled."""

    base: GoogleBase
    project: pulumi.Input[str]


class Network(pulumi.ComponentResource):
    """No node has a public address; what they ask of the internet goes through NAT.

    Attributes:
        network_id: of the VPC.
        subnet_id: of the nodes' subnet, known once they have a way out.
        peering: known once Google's side is connected; a database with a private address waits for it.
    """

    network_id: pulumi.Output[str]
    subnet_id: pulumi.Output[str]
    peering: pulumi.Output[str]

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kastellan:gcp:Network", name, None, opts)
        base, plan = args.base, args.base.network
        inside = pulumi.ResourceOptions(parent=self)
        network = GoogleNetwork(
            "network",
            project=args.project,
            name=base.name(),
            auto_create_subnetworks=False,
            routing_mode="REGIONAL",
            delete_default_routes_on_create=False,  # NAT goes out by the default route
            opts=inside,
        )
        subnet = Subnetwork(
            "nodes",
            project=args.project,
            name=base.name("nodes"),
            region=base.region,
            network=network.id,
            ip_cidr_range=str(plan.nodes),
            secondary_ip_ranges=[
                SubnetworkSecondaryIpRangeArgs(range_name=PODS, ip_cidr_range=str(plan.pods)),
                SubnetworkSecondaryIpRangeArgs(range_name=SERVICES, ip_cidr_range=str(plan.services)),
            ],
            private_ip_google_access=True,
            log_config=SubnetworkLogConfigArgs(
                aggregation_interval="INTERVAL_10_MIN", flow_sampling=0.1, metadata="INCLUDE_ALL_METADATA"
            ),
            opts=inside,
        )
        router = Router(
            "router", project=args.project, name=base.name(), region=base.region, network=network.id, opts=inside
        )
        way_out = RouterNat(
            "nat",
            project=args.project,
            name=base.name(),
            region=base.region,
            router=router.name,
            nat_ip_allocate_option="AUTO_ONLY",
            source_subnetwork_ip_ranges_to_nat="ALL_SUBNETWORKS_ALL_IP_RANGES",
            min_ports_per_vm=256,
            log_config=RouterNatLogConfigArgs(enable=True, filter="ERRORS_ONLY"),
            opts=inside,
        )
        reserved = GlobalAddress(
            "google-side",
            project=args.project,
            name=base.name("google-side"),
            purpose="VPC_PEERING",
            address_type="INTERNAL",
            address=str(plan.database.network_address),
            prefix_length=plan.database.prefixlen,
            network=network.id,
            opts=inside,
        )
        connection = Connection(
            "google-side",
            network=network.id,
            service="servicenetworking.googleapis.com",
            reserved_peering_ranges=[reserved.name],
            deletion_policy="ABANDON",  # Google refuses to cut it for days after a database went
            opts=inside,
        )
        self.network_id, self.peering = network.id, connection.peering
        self.subnet_id = pulumi.Output.all(subnet.id, way_out.id).apply(lambda known: str(known[0]))
        self.register_outputs({"network_id": network.id, "subnet_id": subnet.id})
