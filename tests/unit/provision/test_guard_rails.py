"""Every guard rail is broken by exactly one violating resource, and by nothing that the program declares."""

import copy
from collections.abc import Mapping
from typing import Any

import pytest

from kastellan.provision import aws_guard_rails, google_guard_rails
from kastellan.provision.guard_rail import Declared
from kastellan.provision.guard_rails import GUARD_RAILS, violations

CLUSTER = {
    "nodeLocations": ["a", "b", "c"],
    "databaseEncryption": {"state": "ENCRYPTED"},
    "privateClusterConfig": {"enablePrivateNodes": True},
    "masterAuthorizedNetworksConfig": {"cidrBlocks": [{"cidrBlock": "198.51.100.0/24"}]},
    "resourceLabels": {"installation": "acme"},
    "deletionProtection": True,
}
DATABASE = {
    "deletionProtection": True,
    "settings": {
        "availabilityType": "REGIONAL",
        "ipConfiguration": {"ipv4Enabled": False, "sslMode": "ENCRYPTED_ONLY"},
        "backupConfiguration": {
            "enabled": True,
            "pointInTimeRecoveryEnabled": True,
            "backupRetentionSettings": {"retainedBackups": 35},
        },
    },
}
BUCKET = {
    "publicAccessPrevention": "enforced", "uniformBucketLevelAccess": True, "labels": {"installation": "acme"},
}  # fmt: skip
GOOD = {
    "gcp:container/cluster:Cluster": CLUSTER,
    "gcp:sql/databaseInstance:DatabaseInstance": DATABASE,
    "gcp:storage/bucket:Bucket": BUCKET,
    "gcp:kms/cryptoKey:CryptoKey": {"rotationPeriod": "7776000s", "labels": {"installation": "acme"}},
}
ON_GOOGLE: dict[str, tuple[str, str, Any]] = {
    "three-zones": ("gcp:container/cluster:Cluster", "nodeLocations", ["a", "b", "b"]),
    "no-public-database": ("gcp:sql/databaseInstance:DatabaseInstance", "settings.ipConfiguration.ipv4Enabled", True),
    "database-over-tls": (
        "gcp:sql/databaseInstance:DatabaseInstance", "settings.ipConfiguration.sslMode",
        "ALLOW_UNENCRYPTED_AND_ENCRYPTED",
    ),
    "database-in-two-zones": ("gcp:sql/databaseInstance:DatabaseInstance", "settings.availabilityType", "ZONAL"),
    "backups": (
        "gcp:sql/databaseInstance:DatabaseInstance",
        "settings.backupConfiguration.backupRetentionSettings.retainedBackups", 7,
    ),
    "encrypted-secrets": ("gcp:container/cluster:Cluster", "databaseEncryption.state", "DECRYPTED"),
    "no-public-nodes": ("gcp:container/cluster:Cluster", "privateClusterConfig.enablePrivateNodes", False),
    "closed-control-plane": (
        "gcp:container/cluster:Cluster", "masterAuthorizedNetworksConfig.cidrBlocks", [{"cidrBlock": "0.0.0.0/0"}],
    ),
    "no-public-bucket": ("gcp:storage/bucket:Bucket", "publicAccessPrevention", "inherited"),
    "labels": ("gcp:storage/bucket:Bucket", "labels", {"team": "x"}),
    "deletion-protection": ("gcp:container/cluster:Cluster", "deletionProtection", False),
    "key-rotation": ("gcp:kms/cryptoKey:CryptoKey", "rotationPeriod", None),
}  # fmt: skip

TAGS = {"installation": "acme"}
AWS_CLUSTER = "aws:eks/cluster:Cluster"
RDS = "aws:rds/instance:Instance"
AWS_BUCKET = "aws:s3/bucket:Bucket"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
SUBNET = "aws:ec2/subnet:Subnet"
KEY = "aws:kms/key:Key"
PARAMETERS = "aws:rds/parameterGroup:ParameterGroup"
CLOSED = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
GOOD_AWS: dict[str, dict[str, Any]] = {
    AWS_CLUSTER: {
        "vpcConfig": {
            "subnetIds": ["a", "b", "c"], "endpointPublicAccess": True, "publicAccessCidrs": ["198.51.100.0/24"],
        },
        "encryptionConfig": {"resources": ["secrets"]}, "tags": TAGS, "deletionProtection": True,
    },
    RDS: {
        "publiclyAccessible": False, "multiAz": True, "backupRetentionPeriod": 35, "storageEncrypted": True,
        "tags": TAGS, "deletionProtection": True,
    },
    AWS_BUCKET: {"tags": TAGS},
    TEMPLATE: {
        "blockDeviceMappings": [{"ebs": {"encrypted": "true"}}],
        "metadataOptions": {"httpTokens": "required", "httpPutResponseHopLimit": 1},
    },
    RULE: {"cidrIpv4": "0.0.0.0/0", "fromPort": 443, "toPort": 443},
    SUBNET: {"mapPublicIpOnLaunch": False, "tags": TAGS},
    KEY: {"enableKeyRotation": True, "tags": TAGS},
    PARAMETERS: {"parameters": [{"name": "rds.force_ssl", "value": "1"}]},
    CLOSED: dict.fromkeys(
        ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"), True
    ),
}  # fmt: skip
ON_AWS: dict[str, tuple[str, str, Any]] = {
    "three-zones": (AWS_CLUSTER, "vpcConfig.subnetIds", ["a", "b", "b"]),
    "no-public-database": (RDS, "publiclyAccessible", True),
    "database-over-tls": (PARAMETERS, "parameters", [{"name": "rds.force_ssl", "value": "0"}]),
    "database-in-two-zones": (RDS, "multiAz", False),
    "backups": (RDS, "backupRetentionPeriod", 7),
    "encrypted-secrets": (AWS_CLUSTER, "encryptionConfig.resources", []),
    "encrypted-disks": (TEMPLATE, "blockDeviceMappings", [{"ebs": {"encrypted": "false"}}]),
    "no-public-nodes": (SUBNET, "mapPublicIpOnLaunch", True),
    "closed-control-plane": (AWS_CLUSTER, "vpcConfig.publicAccessCidrs", ["0.0.0.0/0"]),
    "closed-ports": (RULE, "toPort", 5432),
    "no-public-bucket": (CLOSED, "restrictPublicBuckets", False),
    "labels": (AWS_BUCKET, "tags", {"team": "x"}),
    "deletion-protection": (RDS, "deletionProtection", False),
    "instance-metadata": (TEMPLATE, "metadataOptions.httpTokens", "optional"),
    "key-rotation": (KEY, "enableKeyRotation", False),
}
HOLDS_DATA = (*GOOD, AWS_CLUSTER, RDS, AWS_BUCKET, KEY, CLOSED)
EVERYTHING: dict[str, Any] = {**GOOD, **GOOD_AWS}
BREAKS = [*ON_GOOGLE.items(), *ON_AWS.items()]


def _changed(inputs: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(dict(inputs))
    *parents, last = path.split(".")
    inner = changed
    for parent in parents:
        inner = inner[parent]
    inner[last] = value
    return changed


@pytest.mark.parametrize("kind", EVERYTHING)
def test_a_good_resource_breaks_no_rule(kind: str) -> None:
    assert list(violations(Declared(kind=kind, inputs=EVERYTHING[kind], protect=True))) == []


@pytest.mark.parametrize(("name", "violation"), BREAKS, ids=[f"{name} {kind}" for name, (kind, _, _) in BREAKS])
def test_each_rule_is_broken_by_its_violation_and_by_no_other(name: str, violation: tuple[str, str, Any]) -> None:
    kind, path, value = violation
    bad = Declared(kind=kind, inputs=_changed(EVERYTHING[kind], path, value), protect=True)
    assert [rail.name for rail in violations(bad)] == [name]


@pytest.mark.parametrize("cidr", ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "::/0", "everybody"])
def test_the_internet_is_open_to_everybody_in_halves_too(cidr: str) -> None:
    on_google = _changed(CLUSTER, "masterAuthorizedNetworksConfig.cidrBlocks", [{"cidrBlock": cidr}])
    on_aws = _changed(GOOD_AWS[AWS_CLUSTER], "vpcConfig.publicAccessCidrs", [cidr])
    for kind, inputs in (("gcp:container/cluster:Cluster", on_google), (AWS_CLUSTER, on_aws)):
        assert [rail.name for rail in violations(Declared(kind=kind, inputs=inputs, protect=True))] == [
            "closed-control-plane"
        ]


@pytest.mark.parametrize("kind", HOLDS_DATA)
def test_what_holds_data_has_to_be_protected(kind: str) -> None:
    bare = Declared(kind=kind, inputs=EVERYTHING[kind], protect=False)
    assert [rail.name for rail in violations(bare)] == ["protected"]


def test_every_rule_has_its_violation_on_every_cloud_that_knows_it() -> None:
    assert google_guard_rails.BROKEN.keys() == ON_GOOGLE.keys() | {"protected"}
    assert aws_guard_rails.BROKEN.keys() == ON_AWS.keys() | {"protected"}
    assert {rail.name for rail in GUARD_RAILS} == google_guard_rails.BROKEN.keys() | aws_guard_rails.BROKEN.keys()


@pytest.mark.parametrize("subnets", [object(), [None, None, None]])
def test_what_is_not_known_yet_breaks_no_rule(subnets: object) -> None:
    inputs = _changed(GOOD_AWS[AWS_CLUSTER], "vpcConfig.subnetIds", subnets)
    assert list(violations(Declared(kind=AWS_CLUSTER, inputs=inputs, protect=True))) == []
