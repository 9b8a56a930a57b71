"""The cluster: in three zones, private, encrypted, and upgraded only by `pulumi up` (DI-1, DI-2, MU-1)."""

from dataclasses import dataclass

import pulumi
from pulumi_aws.cloudwatch import LogGroup
from pulumi_aws.eks import (
    AccessEntry,
    AccessPolicyAssociation,
    AccessPolicyAssociationAccessScopeArgs,
    ClusterAccessConfigArgs,
    ClusterEncryptionConfigArgs,
    ClusterEncryptionConfigProviderArgs,
    ClusterKubernetesNetworkConfigArgs,
    ClusterUpgradePolicyArgs,
    ClusterVpcConfigArgs,
)
from pulumi_aws.eks import Cluster as EksCluster
from pulumi_aws.iam import Role, RolePolicyAttachment

from kastellan.domain.aws_base import AwsBase
from kastellan.provision.aws.policy import trusted_by
from kastellan.provision.kubeconfig import kubeconfig_text

_LOGS = ("api", "audit", "authenticator", "controllerManager", "scheduler")
_LOG_DAYS = 90
_ADMINISTRATOR = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterArgs:
    """The base, where it stands, and the key of its secrets."""

    base: AwsBase
    subnets: list[pulumi.Output[str]]
    key: pulumi.Input[str]


class Cluster(pulumi.ComponentResource):
    """The control plane; nodes are in groups of their own.

    Attributes:
        cluster_name: known once it is there.
        security_group_id: of the nodes; what may reach them is said by rules of this group.
        kubeconfig: how to reach it, with the user's own identity; holds no credential; known once its administrators
            have access.
    """

    cluster_name: pulumi.Output[str]
    security_group_id: pulumi.Output[str]
    kubeconfig: pulumi.Output[str]

    def __init__(self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kastellan:aws:Cluster", name, None, opts)
        base = args.base
        inside = pulumi.ResourceOptions(parent=self)
        role = Role(
            "cluster",
            name=base.name("cluster"),
            assume_role_policy=trusted_by("eks.amazonaws.com"),
            tags=base.tagged("cluster"),
            opts=inside,
        )
        grant = RolePolicyAttachment(
            "cluster",
            role=role.name,
            policy_arn="arn:aws:iam::aws:policy/AmazonEKSClusterPolicy",
            opts=inside,
        )
        # Made before the cluster, which would else make one that keeps everything for ever.
        log = LogGroup(
            "cluster",
            name=f"/aws/eks/{base.name()}/cluster",
            retention_in_days=_LOG_DAYS,
            tags=base.tagged("cluster"),
            opts=inside,
        )
        cluster = EksCluster(
            "cluster",
            name=base.name(),
            role_arn=role.arn,
            version=base.kubernetes_version,
            vpc_config=ClusterVpcConfigArgs(
                subnet_ids=args.subnets,
                endpoint_private_access=True,
                endpoint_public_access=bool(base.authorised_networks),
                public_access_cidrs=list(base.authorised_networks) or None,
            ),
            kubernetes_network_config=ClusterKubernetesNetworkConfigArgs(
                ip_family="ipv4", service_ipv4_cidr=str(base.network.services)
            ),
            access_config=ClusterAccessConfigArgs(
                authentication_mode="API", bootstrap_cluster_creator_admin_permissions=False
            ),
            bootstrap_self_managed_addons=False,
            encryption_config=ClusterEncryptionConfigArgs(
                provider=ClusterEncryptionConfigProviderArgs(key_arn=args.key), resources=["secrets"]
            ),
            enabled_cluster_log_types=list(_LOGS),
            # With standard support Amazon upgrades a cluster by itself fourteen months after the release (MU-1).
            upgrade_policy=ClusterUpgradePolicyArgs(support_type="EXTENDED"),
            deletion_protection=base.protect,
            tags=base.tagged(),
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=base.protect,
                depends_on=[grant, log],
                custom_timeouts=pulumi.CustomTimeouts(create="45m", update="90m", delete="45m"),
            ),
        )
        access = [self._administrator(number, arn, cluster) for number, arn in enumerate(base.administrators, start=1)]
        self.cluster_name = cluster.name
        self.security_group_id = cluster.vpc_config.apply(lambda config: config.cluster_security_group_id)
        authority = cluster.certificate_authority.apply(lambda known: known.data)
        self.kubeconfig = pulumi.Output.all(cluster.endpoint, authority, *access).apply(
            lambda known: kubeconfig_text(base.name(), known[0], known[1], _token_plugin(base.name(), base.region))
        )
        self.register_outputs({"cluster_name": self.cluster_name, "kubeconfig": self.kubeconfig})

    def _administrator(self, number: int, arn: str, cluster: EksCluster) -> pulumi.Output[str]:
        inside = pulumi.ResourceOptions(parent=self)
        entry = AccessEntry(
            f"administrator-{number}", cluster_name=cluster.name, principal_arn=arn, type="STANDARD", opts=inside
        )
        association = AccessPolicyAssociation(
            f"administrator-{number}",
            cluster_name=cluster.name,
            principal_arn=entry.principal_arn,
            policy_arn=_ADMINISTRATOR,
            access_scope=AccessPolicyAssociationAccessScopeArgs(type="cluster"),
            opts=inside,
        )
        known: pulumi.Output[str] = association.id
        return known


def _token_plugin(name: str, region: str) -> list[str]:
    """How `aws eks get-token` is asked, as `aws eks update-kubeconfig` writes it."""
    return [
        "command: aws",
        f"args: [--region, {region}, eks, get-token, --cluster-name, {name}, --output, json]",
        "installHint: https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
        "interactiveMode: Never",
    ]
