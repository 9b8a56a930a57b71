"""What breaks a guard rail on AWS."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kastellan.provision.guard_rail import Declared, is_everybody, value_at

_CLUSTER = "aws:eks/cluster:Cluster"
_DATABASE = "aws:rds/instance:Instance"
_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
_BUCKET = "aws:s3/bucket:Bucket"
_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
_KEY = "aws:kms/key:Key"
_HOLDS_DATA = frozenset({_CLUSTER, _DATABASE, _BUCKET, _KEY, "aws:secretsmanager/secret:Secret"})
_CLOSES = frozenset(
    f"aws:s3/{kind[:1].lower()}{kind[1:]}:{kind}"
    for kind in (
        "BucketObjectLockConfiguration", "BucketPolicy", "BucketPublicAccessBlock",
        "BucketServerSideEncryptionConfiguration", "BucketVersioning",
    )
)  # fmt: skip
"""Settings of a bucket: without them, what lies in it is open, plain, or can be deleted."""
_ZONED = {_CLUSTER: "vpcConfig.subnetIds", _BALANCER: "subnets", "aws:rds/subnetGroup:SubnetGroup": "subnetIds"}
"""Kind → where its subnets stand, of which every zone has one."""
_TAGGED = frozenset(
    {*_HOLDS_DATA, _BALANCER, "aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet", "aws:eks/nodeGroup:NodeGroup"}
)
_LEAST_DAYS = 35
_PUBLIC_PORTS = (80, 443)


def _listed(declared: Declared, path: str) -> Sequence[Any] | None:
    """A list, which is empty where it is not given; None where it is not known yet."""
    value = value_at(declared.inputs, path)
    if value is None:
        return ()
    return value if isinstance(value, Sequence) else None


def _few_zones(declared: Declared) -> bool:
    path = _ZONED.get(declared.kind)
    subnets = _listed(declared, path) if path else None
    if subnets is None:
        return False
    known = [subnet for subnet in subnets if subnet is not None]
    return len(set(known)) + len(subnets) - len(known) < 3  # what a preview does not know yet may be another zone


def _public_database(declared: Declared) -> bool:
    return declared.kind == _DATABASE and declared.inputs.get("publiclyAccessible") is not False


def _plain_traffic(declared: Declared) -> bool:
    if declared.kind != "aws:rds/parameterGroup:ParameterGroup":
        return False
    parameters = {one.get("name"): one.get("value") for one in _listed(declared, "parameters") or ()}
    return parameters.get("rds.force_ssl") != "1"


def _one_zone_database(declared: Declared) -> bool:
    return declared.kind == _DATABASE and declared.inputs.get("multiAz") is not True


def _few_backups(declared: Declared) -> bool:
    return declared.kind == _DATABASE and (declared.inputs.get("backupRetentionPeriod") or 0) < _LEAST_DAYS


def _plain_secrets(declared: Declared) -> bool:
    encrypted = _listed(declared, "encryptionConfig.resources") if declared.kind == _CLUSTER else None
    return encrypted is not None and "secrets" not in encrypted


def _plain_disks(declared: Declared) -> bool:
    if declared.kind == _TEMPLATE:
        disks = _listed(declared, "blockDeviceMappings")
        return not disks or any(value_at(disk, "ebs.encrypted") != "true" for disk in disks)
    return declared.kind == _DATABASE and declared.inputs.get("storageEncrypted") is not True


def _public_nodes(declared: Declared) -> bool:
    return declared.kind == "aws:ec2/subnet:Subnet" and declared.inputs.get("mapPublicIpOnLaunch") is not False


def _open_control_plane(declared: Declared) -> bool:
    if declared.kind != _CLUSTER or value_at(declared.inputs, "vpcConfig.endpointPublicAccess") is False:
        return False
    ranges = value_at(declared.inputs, "vpcConfig.publicAccessCidrs")
    return not ranges or any(map(is_everybody, ranges))


def _open_ports(declared: Declared) -> bool:
    if declared.kind != "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule":
        return False
    everybody = any(declared.inputs.get(key) and is_everybody(declared.inputs[key]) for key in ("cidrIpv4", "cidrIpv6"))
    ports = {declared.inputs.get("fromPort"), declared.inputs.get("toPort")}
    return everybody and not ports <= set(_PUBLIC_PORTS)


def _public_bucket(declared: Declared) -> bool:
    if declared.kind == _BUCKET:
        return declared.inputs.get("acl") not in (None, "private")
    flags = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    return declared.kind == "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock" and not all(
        declared.inputs.get(flag) is True for flag in flags
    )


def _unlabelled(declared: Declared) -> bool:
    return declared.kind in _TAGGED and "installation" not in (declared.inputs.get("tags") or {})


def _unprotected(declared: Declared) -> bool:
    return declared.kind in _HOLDS_DATA | _CLOSES and not declared.protect


def _deletable(declared: Declared) -> bool:
    flag = "enableDeletionProtection" if declared.kind == _BALANCER else "deletionProtection"
    return declared.kind in (_CLUSTER, _DATABASE, _BALANCER) and declared.inputs.get(flag) is not True


def _open_metadata(declared: Declared) -> bool:
    options = value_at(declared.inputs, "metadataOptions") or {}
    return declared.kind == _TEMPLATE and (
        options.get("httpTokens") != "required" or options.get("httpPutResponseHopLimit") != 1
    )


def _unchanging_key(declared: Declared) -> bool:
    return declared.kind == _KEY and declared.inputs.get("enableKeyRotation") is not True


BROKEN: Mapping[str, Callable[[Declared], bool]] = {
    "three-zones": _few_zones,
    "no-public-database": _public_database,
    "database-over-tls": _plain_traffic,
    "database-in-two-zones": _one_zone_database,
    "backups": _few_backups,
    "encrypted-secrets": _plain_secrets,
    "encrypted-disks": _plain_disks,
    "no-public-nodes": _public_nodes,
    "closed-control-plane": _open_control_plane,
    "closed-ports": _open_ports,
    "no-public-bucket": _public_bucket,
    "labels": _unlabelled,
    "protected": _unprotected,
    "deletion-protection": _deletable,
    "instance-metadata": _open_metadata,
    "key-rotation": _unchanging_key,
}
"""Rule → whether a resource breaks it."""
