"""Requests that change what stands. A kind that is not here cannot be changed: the simulation says so."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.clouds.aws.identity import KINDS as IDENTITY
from tests.clouds.aws.request import Inputs, Send, pascal
from tests.clouds.aws.storage import KINDS as STORAGE
from tests.clouds.aws.storage import SERVER

Change = Callable[[Inputs, Inputs, str, Send], None]
"""Sends what makes the new inputs (second) of the old ones (first); the id is what the resource was made under."""


def _again(token: str) -> Change:
    """Where the request that makes also changes."""
    make = (IDENTITY | STORAGE)[token]

    def change(before: Inputs, after: Inputs, key: str, send: Send) -> None:
        make(after, send)

    return change


def _cluster(before: Inputs, after: Inputs, key: str, send: Send) -> None:
    if before.version != after.version:
        send("eks", "update_cluster_version", name=key, version=after.version)
    if before.deletionProtection != after.deletionProtection:
        send("eks", "update_cluster_config", name=key, deletionProtection=after.deletionProtection)
    ways = ("endpointPrivateAccess", "endpointPublicAccess", "publicAccessCidrs")
    old, new = ({way: one.vpcConfig.get(way) for way in ways} for one in (before, after))
    if old != new:
        given = {way: value for way, value in new.items() if value is not None}
        send("eks", "update_cluster_config", name=key, resourcesVpcConfig=given)


def _nodes(before: Inputs, after: Inputs, key: str, send: Send) -> None:
    gone = sorted(set(before.labels or {}) - set(after.labels or {}))
    old, new = before.taints or [], after.taints or []
    group = {"clusterName": after.clusterName, "nodegroupName": after.nodeGroupName}
    send(
        "eks", "update_nodegroup_config", **group, scalingConfig=after.scalingConfig, updateConfig=after.updateConfig,
        nodeRepairConfig=after.nodeRepairConfig,
        labels={"addOrUpdateLabels": after.labels or {}, "removeLabels": gone},
        taints={"addOrUpdateTaints": new, "removeTaints": [taint for taint in old if taint not in new]},
    )  # fmt: skip
    if (before.version, before.launchTemplate) != (after.version, after.launchTemplate):
        send("eks", "update_nodegroup_version", **group, version=after.version, launchTemplate=after.launchTemplate,
             force=after.forceUpdateVersion)  # fmt: skip


def _addon(before: Inputs, after: Inputs, key: str, send: Send) -> None:
    send(
        "eks", "update_addon", clusterName=after.clusterName, addonName=after.addonName,
        addonVersion=after.addonVersion, configurationValues=after.configurationValues,
        podIdentityAssociations=after.podIdentityAssociations, resolveConflicts=after.resolveConflictsOnUpdate,
    )  # fmt: skip


def _server(before: Inputs, after: Inputs, key: str, send: Send) -> None:
    apart = ("tags", "skipFinalSnapshot", "finalSnapshotIdentifier", "deleteAutomatedBackups")
    changed = {
        name: after[name]
        for name in sorted(after)
        if not name.startswith("__") and name not in apart and before.get(name) != after[name]
    }
    if changed:
        given = pascal(changed | {"applyImmediately": True}, SERVER)
        send("rds", "modify_db_instance", DBInstanceIdentifier=key, **given)


def _parameters(before: Inputs, after: Inputs, key: str, send: Send) -> None:
    wanted = [
        {"ParameterName": one["name"], "ParameterValue": one["value"], "ApplyMethod": one["applyMethod"]}
        for one in after.parameters
    ]
    send("rds", "modify_db_parameter_group", DBParameterGroupName=key, Parameters=wanted)


def _balancer(before: Inputs, after: Inputs, key: str, send: Send) -> None:
    protected = str(after.enableDeletionProtection).lower()
    send(
        "elbv2", "modify_load_balancer_attributes", LoadBalancerArn=key,
        Attributes=[{"Key": "deletion_protection.enabled", "Value": protected}],
    )  # fmt: skip


def _key(before: Inputs, after: Inputs, key: str, send: Send) -> None:
    if after.enableKeyRotation:
        send("kms", "enable_key_rotation", KeyId=key, RotationPeriodInDays=after.rotationPeriodInDays)
    else:
        send("kms", "disable_key_rotation", KeyId=key)


def _log(before: Inputs, after: Inputs, key: str, send: Send) -> None:
    send("logs", "put_retention_policy", logGroupName=key, retentionInDays=after.retentionInDays)


CHANGES: Mapping[str, Change] = {
    "aws:cloudwatch/logGroup:LogGroup": _log,
    "aws:eks/addon:Addon": _addon,
    "aws:eks/cluster:Cluster": _cluster,
    "aws:eks/nodeGroup:NodeGroup": _nodes,
    "aws:kms/key:Key": _key,
    "aws:lb/loadBalancer:LoadBalancer": _balancer,
    "aws:rds/instance:Instance": _server,
    "aws:rds/parameterGroup:ParameterGroup": _parameters,
    **{
        token: _again(token)
        for token in (
            "aws:cloudwatch/metricAlarm:MetricAlarm",
            "aws:iam/rolePolicy:RolePolicy",
            "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
            "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
            "aws:s3/bucketPolicy:BucketPolicy",
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
            "aws:s3/bucketVersioning:BucketVersioning",
        )
    },
}


def looked(token: str, key: str, inputs: Inputs, send: Send) -> dict[str, Any]:
    """Inputs as moto has them now, of the kinds that tests change behind the program's back; nothing of the others.

    Raises:
        botocore.exceptions.ClientError: it is gone.
    """
    match token.rpartition(":")[2]:
        case "NodeGroup":
            told = send("eks", "describe_nodegroup", clusterName=inputs.clusterName, nodegroupName=inputs.nodeGroupName)
            return {"scalingConfig": told["nodegroup"]["scalingConfig"]}
        case "Instance":
            told = send("rds", "describe_db_instances", DBInstanceIdentifier=key)["DBInstances"][0]
            names = ("backupRetentionPeriod", "deletionProtection", "multiAz", "publiclyAccessible", "instanceClass")
            return {name: told[SERVER.get(name, name[:1].upper() + name[1:])] for name in names}
        case "BucketPublicAccessBlock":
            told = send("s3", "get_public_access_block", Bucket=key)["PublicAccessBlockConfiguration"]
            return {name[:1].lower() + name[1:]: value for name, value in told.items()}
    return {}
