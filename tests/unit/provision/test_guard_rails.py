"""Every guard rail is broken by exactly one violating resource, and by nothing that the program declares."""

import copy
from collections.abc import Mapping
from typing import Any

import pytest

from kastellan.provision.guard_rails import GUARD_RAILS, Declared, violations

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
}
BREAKS: dict[str, tuple[str, str, Any]] = {
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
}  # fmt: skip


def _changed(inputs: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(dict(inputs))
    *parents, last = path.split(".")
    inner = changed
    for parent in parents:
        inner = inner[parent]
    inner[last] = value
    return changed


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_resource_breaks_no_rule(kind: str) -> None:
    assert list(violations(Declared(kind=kind, inputs=GOOD[kind], protect=True))) == []


@pytest.mark.parametrize("name", BREAKS)
def test_each_rule_is_broken_by_its_violation_and_by_no_other(name: str) -> None:
    kind, path, value = BREAKS[name]
    bad = Declared(kind=kind, inputs=_changed(GOOD[kind], path, value), protect=True)
    assert [rail.name for rail in violations(bad)] == [name]


@pytest.mark.parametrize("kind", GOOD)
def test_what_holds_data_has_to_be_protected(kind: str) -> None:
    assert [rail.name for rail in violations(Declared(kind=kind, inputs=GOOD[kind], protect=False))] == ["protected"]


def test_every_rule_has_its_violation() -> None:
    assert {rail.name for rail in GUARD_RAILS} == BREAKS.keys() | {"protected"}
