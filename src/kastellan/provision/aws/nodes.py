"""The nodes: a small group for the platform's own pods, and for each zone one that is ZITADEL's alone (DI-2)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws.ec2 import (
    LaunchTemplate,
    LaunchTemplateBlockDeviceMappingArgs,
    LaunchTemplateBlockDeviceMappingEbsArgs,
    LaunchTemplateMetadataOptionsArgs,
    LaunchTemplateTagSpecificationArgs,
)
from pulumi_aws.eks import (
    Addon,
    AddonPodIdentityAssociationArgs,
    NodeGroup,
    NodeGroupLaunchTemplateArgs,
    NodeGroupNodeRepairConfigArgs,
    NodeGroupScalingConfigArgs,
    NodeGroupTaintArgs,
    NodeGroupUpdateConfigArgs,
)
from pulumi_aws.iam import Role, RolePolicyAttachment

from kastellan.domain.aws_base import PLATFORM_MACHINE, AwsBase
from kastellan.domain.dedicated_pool import POOL, POOL_LABEL
from kastellan.provision.aws.policy import trusted_by

_NODE_POLICIES = ("AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly")
"""All that nodes may do: be nodes, and read images. Addresses are the business of the network add-on's own role."""
_DISK = 50
_POD_IDENTITY = "eks-pod-identity-agent"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodesArgs:
    """The base, the cluster, by zone the subnets and their ways out, and what all nodes wait for."""

    base: AwsBase
    cluster_name: pulumi.Input[str]
    subnets: list[pulumi.Output[str]]
    ways_out: list[pulumi.Output[str]]
    endpoints: pulumi.Input[list[str]]


class Nodes(pulumi.ComponentResource):
    """Node groups and EKS' add-ons.

    The groups of the zones follow each other, so that an update of the nodes is in one zone at a time (DI-2). Another
    machine type is another group, and its name says so: the new ones come first, zone after zone, and the old ones are
    drained at the end of the update, so that no zone is without nodes.

    Attributes:
        groups: names of the scaling groups of ZITADEL's nodes, by zone.
        ready: known once all nodes and add-ons are there.
    """

    groups: list[pulumi.Output[str]]
    ready: pulumi.Output[list[str]]

    def __init__(self, name: str, args: NodesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kastellan:aws:Nodes", name, None, opts)
        base = args.base
        inside = pulumi.ResourceOptions(parent=self)
        role = Role(
            "nodes",
            name=base.name("nodes"),
            assume_role_policy=trusted_by("ec2.amazonaws.com"),
            tags=base.tagged("nodes"),
            opts=inside,
        )
        grants = [
            RolePolicyAttachment(
                f"nodes-{policy}", role=role.name, policy_arn=f"arn:aws:iam::aws:policy/{policy}", opts=inside
            )
            for policy in _NODE_POLICIES
        ]
        template = self._template(base)
        early = self._network_addons(args)
        before: list[pulumi.Resource] = [*grants, *early]
        every_zone = list(range(len(args.subnets)))
        platform = self._group(args, role, template, "platform", PLATFORM_MACHINE, every_zone, len(base.zones), before)
        own: list[NodeGroup] = []
        for index in every_zone:
            title = f"{POOL}-{index + 1}"
            waits = own[-1:] or before
            own.append(self._group(args, role, template, title, base.machine_type, [index], base.nodes_per_zone, waits))
        names = Addon(
            "coredns",
            cluster_name=args.cluster_name,
            addon_name="coredns",
            addon_version=base.addon_version("coredns"),
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            tags=base.tagged("coredns"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[platform]),
        )
        self.groups = [group.resources.apply(lambda found: str(found[0].autoscaling_groups[0].name)) for group in own]
        self.ready = pulumi.Output.all(names.id, platform.id, *[group.id for group in own]).apply(list)
        self.register_outputs({"ready": self.ready})

    def _template(self, base: AwsBase) -> LaunchTemplate:
        """Encrypted disks, and instance metadata that no pod can reach."""
        return LaunchTemplate(
            "nodes",
            name=base.name("nodes"),
            update_default_version=True,
            block_device_mappings=[
                LaunchTemplateBlockDeviceMappingArgs(
                    device_name="/dev/xvda",
                    ebs=LaunchTemplateBlockDeviceMappingEbsArgs(
                        volume_size=_DISK, volume_type="gp3", encrypted="true", delete_on_termination="true"
                    ),
                )
            ],
            metadata_options=LaunchTemplateMetadataOptionsArgs(
                http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
            ),
            tag_specifications=[
                LaunchTemplateTagSpecificationArgs(resource_type=kind, tags=base.tagged("nodes"))
                for kind in ("instance", "volume")
            ],
            tags=base.tagged("nodes"),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _network_addons(self, args: NodesArgs) -> list[Addon]:
        """What a node needs to become ready; network policies are enforced by Amazon's own (DI-1)."""
        base = args.base
        inside = pulumi.ResourceOptions(parent=self)
        role = Role(
            "addresses",
            name=base.name("addresses"),
            assume_role_policy=trusted_by("pods.eks.amazonaws.com", "sts:AssumeRole", "sts:TagSession"),
            tags=base.tagged("addresses"),
            opts=inside,
        )
        grant = RolePolicyAttachment(
            "addresses", role=role.name, policy_arn="arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy", opts=inside
        )
        settings = {"enableNetworkPolicy": "true", "env": {"WARM_IP_TARGET": "5"}}

        def addon(name: str, waits: list[pulumi.Resource], **more: object) -> Addon:
            return Addon(
                name,
                cluster_name=args.cluster_name,
                addon_name=name,
                addon_version=base.addon_version(name),
                resolve_conflicts_on_create="OVERWRITE",
                resolve_conflicts_on_update="OVERWRITE",
                tags=base.tagged(name),
                opts=pulumi.ResourceOptions(parent=self, depends_on=waits),
                **more,
            )

        agent = addon(_POD_IDENTITY, [])
        network = addon(
            "vpc-cni",
            [grant, agent],
            configuration_values=json.dumps(settings, sort_keys=True),
            pod_identity_associations=[AddonPodIdentityAssociationArgs(role_arn=role.arn, service_account="aws-node")],
        )
        return [agent, network, addon("kube-proxy", [])]

    def _group(
        self,
        args: NodesArgs,
        role: Role,
        template: LaunchTemplate,
        name: str,
        machine: str,
        zones: list[int],
        count: int,
        waits: Sequence[pulumi.Resource],
    ) -> NodeGroup:
        base = args.base
        alone = name.startswith(POOL)
        subnets, ways_out = ([found[index] for index in zones] for found in (args.subnets, args.ways_out))
        return NodeGroup(
            name,
            cluster_name=args.cluster_name,
            node_group_name=f"{name}-{machine.replace('.', '-')}",
            node_role_arn=role.arn,
            # So that no node starts before its images can be read.
            subnet_ids=pulumi.Output.all(subnets, ways_out, args.endpoints).apply(lambda known: list(known[0])),
            version=base.kubernetes_version,
            ami_type="AL2023_x86_64_STANDARD",
            capacity_type="ON_DEMAND",
            instance_types=[machine],
            scaling_config=NodeGroupScalingConfigArgs(desired_size=count, min_size=count, max_size=count),
            update_config=NodeGroupUpdateConfigArgs(max_unavailable=1),
            node_repair_config=NodeGroupNodeRepairConfigArgs(enabled=True),
            launch_template=NodeGroupLaunchTemplateArgs(
                id=template.id, version=template.latest_version.apply(lambda number: str(int(number)))
            ),
            labels={POOL_LABEL: POOL} if alone else {},
            taints=[NodeGroupTaintArgs(key=POOL_LABEL, value=POOL, effect="NO_SCHEDULE")] if alone else [],
            force_update_version=False,  # a disruption budget that holds stops the update instead of being broken
            tags=base.tagged(name),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=waits,
                custom_timeouts=pulumi.CustomTimeouts(create="45m", update="120m", delete="45m"),
            ),
        )
