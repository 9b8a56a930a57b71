"""What breaks a guard rail on Google Cloud."""

from collections.abc import Callable, Mapping

from kastellan.provision.guard_rail import Declared, is_everybody, value_at

_HOLDS_DATA = frozenset(
    {
        "gcp:container/cluster:Cluster",
        "gcp:kms/cryptoKey:CryptoKey",
        "gcp:secretmanager/secret:Secret",
        "gcp:sql/database:Database",
        "gcp:sql/databaseInstance:DatabaseInstance",
        "gcp:storage/bucket:Bucket",
    }
)
_CLUSTER = "gcp:container/cluster:Cluster"
_POOL = "gcp:container/nodePool:NodePool"
_DATABASE = "gcp:sql/databaseInstance:DatabaseInstance"
_BUCKET = "gcp:storage/bucket:Bucket"
_KEY = "gcp:kms/cryptoKey:CryptoKey"
_LABELS = {_CLUSTER: "resourceLabels", _BUCKET: "labels", _KEY: "labels"}
_LEAST_BACKUPS = 35


def _few_zones(declared: Declared) -> bool:
    return declared.kind in (_CLUSTER, _POOL) and len(set(declared.inputs.get("nodeLocations") or ())) < 3


def _public_database(declared: Declared) -> bool:
    settings = "settings.ipConfiguration"
    return declared.kind == _DATABASE and (
        value_at(declared.inputs, f"{settings}.ipv4Enabled") is not False
        or bool(value_at(declared.inputs, f"{settings}.authorizedNetworks"))
    )


def _plain_traffic(declared: Declared) -> bool:
    mode = value_at(declared.inputs, "settings.ipConfiguration.sslMode")
    return declared.kind == _DATABASE and mode not in ("ENCRYPTED_ONLY", "TRUSTED_CLIENT_CERTIFICATE_REQUIRED")


def _one_zone_database(declared: Declared) -> bool:
    return declared.kind == _DATABASE and value_at(declared.inputs, "settings.availabilityType") != "REGIONAL"


def _few_backups(declared: Declared) -> bool:
    backup = value_at(declared.inputs, "settings.backupConfiguration") or {}
    kept = value_at(backup, "backupRetentionSettings.retainedBackups") or 0
    complete = backup.get("enabled") is True and backup.get("pointInTimeRecoveryEnabled") is True
    return declared.kind == _DATABASE and not (complete and kept >= _LEAST_BACKUPS)


def _plain_secrets(declared: Declared) -> bool:
    return declared.kind == _CLUSTER and value_at(declared.inputs, "databaseEncryption.state") != "ENCRYPTED"


def _public_nodes(declared: Declared) -> bool:
    return (
        declared.kind == _CLUSTER and value_at(declared.inputs, "privateClusterConfig.enablePrivateNodes") is not True
    )


def _open_control_plane(declared: Declared) -> bool:
    if declared.kind != _CLUSTER:
        return False
    blocks = value_at(declared.inputs, "masterAuthorizedNetworksConfig.cidrBlocks")
    return not blocks or any(is_everybody(block.get("cidrBlock")) for block in blocks)


def _public_bucket(declared: Declared) -> bool:
    return declared.kind == _BUCKET and (
        declared.inputs.get("publicAccessPrevention") != "enforced"
        or declared.inputs.get("uniformBucketLevelAccess") is not True
    )


def _unlabelled(declared: Declared) -> bool:
    field = _LABELS.get(declared.kind)
    return field is not None and "installation" not in (declared.inputs.get(field) or {})


def _unprotected(declared: Declared) -> bool:
    return declared.kind in _HOLDS_DATA and not declared.protect


def _deletable(declared: Declared) -> bool:
    return declared.kind in (_CLUSTER, _DATABASE) and declared.inputs.get("deletionProtection") is not True


def _unchanging_key(declared: Declared) -> bool:
    return declared.kind == _KEY and not declared.inputs.get("rotationPeriod")


BROKEN: Mapping[str, Callable[[Declared], bool]] = {
    "three-zones": _few_zones,
    "no-public-database": _public_database,
    "database-over-tls": _plain_traffic,
    "database-in-two-zones": _one_zone_database,
    "backups": _few_backups,
    "encrypted-secrets": _plain_secrets,
    "no-public-nodes": _public_nodes,
    "closed-control-plane": _open_control_plane,
    "no-public-bucket": _public_bucket,
    "labels": _unlabelled,
    "protected": _unprotected,
    "deletion-protection": _deletable,
    "key-rotation": _unchanging_key,
}
"""Rule → whether a resource breaks it."""
