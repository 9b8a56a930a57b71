"""The cluster: regional, private, encrypted, and upgraded only when the contract allows it (DI-1, DI-2, MU-1)."""

from dataclasses import dataclass

import pulumi
from pulumi_gcp.container import (
    Cluster as GoogleCluster,
)
from pulumi_gcp.container import (
    ClusterAddonsConfigArgs,
    ClusterAddonsConfigHttpLoadBalancingArgs,
    ClusterDatabaseEncryptionArgs,
    ClusterGatewayApiConfigArgs,
    ClusterIpAllocationPolicyArgs,
    ClusterLoggingConfigArgs,
    ClusterMaintenancePolicyArgs,
    ClusterMaintenancePolicyMaintenanceExclusionArgs,
    ClusterMaintenancePolicyMaintenanceExclusionExclusionOptionsArgs,
    ClusterMaintenancePolicyRecurringWindowArgs,
    ClusterMasterAuthorizedNetworksConfigArgs,
    ClusterMasterAuthorizedNetworksConfigCidrBlockArgs,
    ClusterMonitoringConfigArgs,
    ClusterMonitoringConfigManagedPrometheusArgs,
    ClusterPrivateClusterConfigArgs,
    ClusterReleaseChannelArgs,
    ClusterWorkloadIdentityConfigArgs,
)

from kastellan.domain.google_base import GoogleBase
from kastellan.domain.google_maintenance import GoogleMaintenance
from kastellan.provision.gcp.network import PODS, SERVICES
from kastellan.provision.kubeconfig import kubeconfig_text

_DISTURBING = "NO_MINOR_OR_NODE_UPGRADES"
_EVERYTHING = "NO_UPGRADES"
_INSTANT = "%Y-%m-%dT%H:%M:%SZ"
_TOKEN_PLUGIN = (
    "command: gke-gcloud-auth-plugin",
    "installHint: https://cloud.google.com/kubernetes-engine/docs/how-to/cluster-access-for-kubectl",
    "interactiveMode: Never",
    "provideClusterInfo: true",
)
"""How a token is asked for, as `gcloud` writes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterArgs:
    """The base, where it stands, and the key of its secrets."""

    base: GoogleBase
    project: pulumi.Input[str]
    network_id: pulumi.Input[str]
    subnet_id: pulumi.Input[str]
    key: pulumi.Input[str]


class Cluster(pulumi.ComponentResource):
    """The control plane in three zones; nodes are in pools of their own.

    Attributes:
        cluster_name: of the cluster.
        kubeconfig: how to reach it, with the user's own identity; holds no credential.
    """

    cluster_name: pulumi.Output[str]
    kubeconfig: pulumi.Output[str]

    def __init__(self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kastellan:gcp:Cluster", name, None, opts)
        base = args.base
        cluster = GoogleCluster(
            "cluster",
            project=args.project,
            name=base.name(),
            location=base.region,
            node_locations=list(base.zones),
            network=args.network_id,
            subnetwork=args.subnet_id,
            networking_mode="VPC_NATIVE",
            ip_allocation_policy=ClusterIpAllocationPolicyArgs(
                cluster_secondary_range_name=PODS, services_secondary_range_name=SERVICES
            ),
            datapath_provider="ADVANCED_DATAPATH",  # Dataplane V2, which enforces network policies (DI-1)
            private_cluster_config=ClusterPrivateClusterConfigArgs(
                enable_private_nodes=True, enable_private_endpoint=base.private_endpoint
            ),
            master_authorized_networks_config=ClusterMasterAuthorizedNetworksConfigArgs(
                cidr_blocks=[
                    ClusterMasterAuthorizedNetworksConfigCidrBlockArgs(display_name=title, cidr_block=cidr)
                    for title, cidr in base.authorised_networks
                ],
                gcp_public_cidrs_access_enabled=False,
            ),
            workload_identity_config=ClusterWorkloadIdentityConfigArgs(workload_pool=f"{base.project}.svc.id.goog"),
            enable_shielded_nodes=True,
            enable_legacy_abac=False,
            enable_intranode_visibility=True,
            database_encryption=ClusterDatabaseEncryptionArgs(state="ENCRYPTED", key_name=args.key),
            gateway_api_config=ClusterGatewayApiConfigArgs(channel="CHANNEL_STANDARD"),
            addons_config=ClusterAddonsConfigArgs(
                http_load_balancing=ClusterAddonsConfigHttpLoadBalancingArgs(disabled=False)
            ),
            release_channel=ClusterReleaseChannelArgs(channel=base.release_channel),
            maintenance_policy=maintenance_policy(base.maintenance),
            logging_config=ClusterLoggingConfigArgs(
                enable_components=["SYSTEM_COMPONENTS", "WORKLOADS", "APISERVER", "SCHEDULER", "CONTROLLER_MANAGER"]
            ),
            monitoring_config=ClusterMonitoringConfigArgs(
                enable_components=["SYSTEM_COMPONENTS"],
                managed_prometheus=ClusterMonitoringConfigManagedPrometheusArgs(enabled=True),
            ),
            remove_default_node_pool=True,
            initial_node_count=1,
            resource_labels=base.all_labels,
            deletion_protection=base.protect,
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=base.protect,
                custom_timeouts=pulumi.CustomTimeouts(create="45m", update="90m", delete="45m"),
            ),
        )
        authority = cluster.master_auth.apply(lambda auth: auth.cluster_ca_certificate)
        self.cluster_name = cluster.name
        self.kubeconfig = pulumi.Output.all(base.name(), cluster.endpoint, authority).apply(
            lambda known: kubeconfig_text(known[0], f"https://{known[1]}", known[2], _TOKEN_PLUGIN)
        )
        self.register_outputs({"cluster_name": cluster.name, "kubeconfig": self.kubeconfig})


def maintenance_policy(maintenance: GoogleMaintenance) -> ClusterMaintenancePolicyArgs:
    """Windows and exclusions in GKE's words."""
    exclusions = [
        ClusterMaintenancePolicyMaintenanceExclusionArgs(
            exclusion_name=f"contract-{number}",
            start_time=span.start.strftime(_INSTANT),
            end_time=span.end.strftime(_INSTANT),
            exclusion_options=ClusterMaintenancePolicyMaintenanceExclusionExclusionOptionsArgs(scope=_EVERYTHING),
        )
        for number, span in enumerate(maintenance.closed, start=1)
    ]
    endless = ClusterMaintenancePolicyMaintenanceExclusionArgs(
        exclusion_name="upgraded-by-kastellan",
        start_time=maintenance.start.strftime(_INSTANT),
        exclusion_options=ClusterMaintenancePolicyMaintenanceExclusionExclusionOptionsArgs(
            scope=_DISTURBING, end_time_behavior="UNTIL_END_OF_SUPPORT"
        ),
    )
    return ClusterMaintenancePolicyArgs(
        recurring_window=ClusterMaintenancePolicyRecurringWindowArgs(
            start_time=maintenance.start.strftime(_INSTANT),
            end_time=maintenance.end.strftime(_INSTANT),
            recurrence=maintenance.recurrence,
        ),
        maintenance_exclusions=[endless, *exclusions],
    )
