"""The nodes: a small pool for the platform's own pods, and one that is ZITADEL's alone, both in three zones (DI-2)."""

from dataclasses import dataclass

import pulumi
from pulumi_gcp.container import (
    NodePool,
    NodePoolManagementArgs,
    NodePoolNodeConfigArgs,
    NodePoolNodeConfigShieldedInstanceConfigArgs,
    NodePoolNodeConfigTaintArgs,
    NodePoolNodeConfigWorkloadMetadataConfigArgs,
    NodePoolUpgradeSettingsArgs,
)
from pulumi_gcp.projects import IAMMember
from pulumi_gcp.serviceaccount import Account

from kastellan.domain.dedicated_pool import POOL, POOL_LABEL
from kastellan.domain.google_base import GoogleBase

PLATFORM_MACHINE = "e2-standard-2"
"""For DNS, metrics and the other pods of GKE's own."""
_ROLES = ("roles/container.defaultNodeServiceAccount", "roles/artifactregistry.reader")
"""All that nodes may do: write logs and metrics, and read images."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodesArgs:
    """The base, and the cluster that they belong to."""

    base: GoogleBase
    project: pulumi.Input[str]
    cluster_name: pulumi.Input[str]


class Nodes(pulumi.ComponentResource):
    """Both pools, with an identity that may do nothing but be a node.

    Attributes:
        ready: ids of the pools, known once their nodes are there.
    """

    ready: pulumi.Output[list[str]]

    def __init__(self, name: str, args: NodesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kastellan:gcp:Nodes", name, None, opts)
        base = args.base
        inside = pulumi.ResourceOptions(parent=self)
        account = Account(
            "nodes",
            project=args.project,
            account_id=base.name("nodes"),
            display_name=f"nodes of {base.installation}",
            opts=inside,
        )
        grants = [
            IAMMember(
                f"nodes-{role.rpartition('/')[2]}",
                project=args.project,
                role=role,
                member=account.email.apply(lambda email: f"serviceAccount:{email}"),
                opts=inside,
            )
            for role in _ROLES
        ]
        taint = NodePoolNodeConfigTaintArgs(key=POOL_LABEL, value=POOL, effect="NO_SCHEDULE")
        platform = self._pool(args, account, grants, "platform", PLATFORM_MACHINE, 1, {}, [])
        own = self._pool(
            args, account, grants, POOL, base.machine_type, base.nodes_per_zone, {POOL_LABEL: POOL}, [taint]
        )
        self.ready = pulumi.Output.all(platform.id, own.id).apply(list)
        self.register_outputs({"ready": self.ready})

    def _pool(
        self,
        args: NodesArgs,
        account: Account,
        grants: list[IAMMember],
        name: str,
        machine: str,
        per_zone: int,
        labels: dict[str, str],
        taints: list[NodePoolNodeConfigTaintArgs],
    ) -> NodePool:
        base = args.base
        return NodePool(
            name,
            project=args.project,
            name=name,
            cluster=args.cluster_name,
            location=base.region,
            node_locations=list(base.zones),
            node_count=per_zone,
            # Google's own upgrades of nodes are excluded (see google_maintenance), so this only repairs and, within
            # the contract's windows, follows the version that is asked for.
            management=NodePoolManagementArgs(auto_repair=True, auto_upgrade=True),
            upgrade_settings=NodePoolUpgradeSettingsArgs(strategy="SURGE", max_surge=1, max_unavailable=0),
            node_config=NodePoolNodeConfigArgs(
                machine_type=machine,
                disk_type="pd-balanced",
                disk_size_gb=50,
                image_type="COS_CONTAINERD",
                service_account=account.email,
                oauth_scopes=["https://www.googleapis.com/auth/cloud-platform"],
                labels=labels,
                taints=taints,
                resource_labels=base.all_labels,
                metadata={"disable-legacy-endpoints": "true"},
                shielded_instance_config=NodePoolNodeConfigShieldedInstanceConfigArgs(
                    enable_secure_boot=True, enable_integrity_monitoring=True
                ),
                workload_metadata_config=NodePoolNodeConfigWorkloadMetadataConfigArgs(mode="GKE_METADATA"),
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=grants,
                custom_timeouts=pulumi.CustomTimeouts(create="45m", update="120m", delete="45m"),
            ),
        )
