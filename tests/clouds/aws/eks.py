"""Requests to EKS, whose API writes names as Pulumi does."""

from typing import Any

from tests.clouds.aws.request import ANYTHING, Inputs, Kind, Made, Send


def _tags(inputs: Inputs) -> Any:
    return inputs.get("tags")


def _cluster(inputs: Inputs, send: Send) -> Made:
    answer = send(
        "eks", "create_cluster", name=inputs.name, version=inputs.version, roleArn=inputs.roleArn,
        resourcesVpcConfig=inputs.vpcConfig, kubernetesNetworkConfig=inputs.kubernetesNetworkConfig,
        accessConfig=inputs.accessConfig, bootstrapSelfManagedAddons=inputs.bootstrapSelfManagedAddons,
        encryptionConfig=[inputs.encryptionConfig], upgradePolicy=inputs.upgradePolicy,
        logging={"clusterLogging": [{"types": inputs.enabledClusterLogTypes, "enabled": True}]},
        deletionProtection=inputs.deletionProtection, tags=_tags(inputs),
    )["cluster"]  # fmt: skip
    # moto makes no security group, so it is EC2's answer to a request of our own.
    group = send("ec2", "create_security_group", GroupName=inputs.name, Description="EKS", VpcId=_vpc(inputs, send))
    config = inputs.vpcConfig | {"clusterSecurityGroupId": group["GroupId"]}
    told = {
        "endpoint": answer["endpoint"], "arn": answer["arn"], "vpcConfig": config, "certificateAuthority": {"data": ""},
    }  # fmt: skip
    return inputs.name, told


def _vpc(inputs: Inputs, send: Send) -> Any:
    subnets = send("ec2", "describe_subnets", SubnetIds=inputs.vpcConfig["subnetIds"])
    return subnets["Subnets"][0]["VpcId"]


def _group(inputs: Inputs, send: Send) -> Made:
    answer = send(
        "eks", "create_nodegroup", clusterName=inputs.clusterName, nodegroupName=inputs.nodeGroupName,
        nodeRole=inputs.nodeRoleArn, subnets=inputs.subnetIds, version=inputs.version, amiType=inputs.amiType,
        capacityType=inputs.capacityType, instanceTypes=inputs.instanceTypes,
        scalingConfig=inputs.scalingConfig,
        updateConfig=inputs.updateConfig, nodeRepairConfig=inputs.nodeRepairConfig,
        launchTemplate=inputs.launchTemplate, labels=inputs.labels, taints=inputs.taints, tags=_tags(inputs),
    )["nodegroup"]  # fmt: skip
    assert inputs.forceUpdateVersion is False  # of updates alone
    scaling = answer["resources"]["autoScalingGroups"][0]["name"]
    return _both(inputs.clusterName, inputs.nodeGroupName), {"resources": [{"autoscalingGroups": [{"name": scaling}]}]}


def _addon(inputs: Inputs, send: Send) -> Made:
    send(
        "eks", "create_addon", clusterName=inputs.clusterName, addonName=inputs.addonName,
        addonVersion=inputs.addonVersion,
        resolveConflicts=inputs.resolveConflictsOnCreate, configurationValues=inputs.configurationValues,
        podIdentityAssociations=inputs.podIdentityAssociations, tags=_tags(inputs),
    )  # fmt: skip
    send(
        "eks", "update_addon", clusterName=inputs.clusterName, addonName=inputs.addonName,
        resolveConflicts=inputs.resolveConflictsOnUpdate,
    )  # fmt: skip
    return _both(inputs.clusterName, inputs.addonName), {}


def _entry(inputs: Inputs, send: Send) -> Made:
    send(
        "eks", "create_access_entry", clusterName=inputs.clusterName, principalArn=inputs.principalArn,
        type=inputs.type,
    )  # fmt: skip
    return _both(inputs.clusterName, inputs.principalArn), {}


def _policy(inputs: Inputs, send: Send) -> Made:
    send(
        "eks", "associate_access_policy", clusterName=inputs.clusterName, principalArn=inputs.principalArn,
        policyArn=inputs.policyArn, accessScope=inputs.accessScope,
    )  # fmt: skip
    return _both(inputs.clusterName, inputs.principalArn), {}


def _both(cluster: Any, own: Any) -> Any:
    return f"{cluster}:{own}" if isinstance(cluster, str) and isinstance(own, str) else ANYTHING


KINDS: dict[str, Kind] = {
    "aws:eks/accessEntry:AccessEntry": _entry,
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": _policy,
    "aws:eks/addon:Addon": _addon,
    "aws:eks/cluster:Cluster": _cluster,
    "aws:eks/nodeGroup:NodeGroup": _group,
}
