"""What must hold of every resource on Google Cloud, whatever the program declares (DI-1, DI-2, DI-7).

Rules are pure functions of a resource's inputs. They have two faces to the engine: `guarding` holds the program itself
to them, whoever runs it; `policy_pack` is for a pipeline that judges any program.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

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
_LABELS = {_CLUSTER: "resourceLabels", _BUCKET: "labels", "gcp:kms/cryptoKey:CryptoKey": "labels"}
_LEAST_BACKUPS = 35


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A resource as the program declares it.

    Attributes:
        kind: type token.
        inputs: by their public names; what is not known is absent.
        protect: whether Pulumi refuses to delete it.
    """

    kind: str
    inputs: Mapping[str, Any]
    protect: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardRail:
    """One rule.

    Attributes:
        name: stable, in words joined by dashes.
        clause: of the terms.
        description: what it demands.
        broken: whether a resource breaks it.
    """

    name: str
    clause: str
    description: str
    broken: Callable[[Declared], bool]


def violations(declared: Declared) -> Iterator[GuardRail]:
    """The rules that a resource breaks."""
    return (rail for rail in GUARD_RAILS if rail.broken(declared))


def _at(inputs: Mapping[str, Any], path: str) -> Any:
    current: Any = inputs
    for part in path.split("."):
        current = current.get(part) if isinstance(current, Mapping) else None
    return current


def _few_zones(declared: Declared) -> bool:
    return declared.kind in (_CLUSTER, _POOL) and len(set(declared.inputs.get("nodeLocations") or ())) < 3


def _public_database(declared: Declared) -> bool:
    settings = "settings.ipConfiguration"
    return declared.kind == _DATABASE and (
        _at(declared.inputs, f"{settings}.ipv4Enabled") is not False
        or bool(_at(declared.inputs, f"{settings}.authorizedNetworks"))
    )


def _plain_traffic(declared: Declared) -> bool:
    mode = _at(declared.inputs, "settings.ipConfiguration.sslMode")
    return declared.kind == _DATABASE and mode not in ("ENCRYPTED_ONLY", "TRUSTED_CLIENT_CERTIFICATE_REQUIRED")


def _one_zone_database(declared: Declared) -> bool:
    return declared.kind == _DATABASE and _at(declared.inputs, "settings.availabilityType") != "REGIONAL"


def _few_backups(declared: Declared) -> bool:
    backup = _at(declared.inputs, "settings.backupConfiguration") or {}
    kept = _at(backup, "backupRetentionSettings.retainedBackups") or 0
    complete = backup.get("enabled") is True and backup.get("pointInTimeRecoveryEnabled") is True
    return declared.kind == _DATABASE and not (complete and kept >= _LEAST_BACKUPS)


def _plain_secrets(declared: Declared) -> bool:
    return declared.kind == _CLUSTER and _at(declared.inputs, "databaseEncryption.state") != "ENCRYPTED"


def _public_nodes(declared: Declared) -> bool:
    return declared.kind == _CLUSTER and _at(declared.inputs, "privateClusterConfig.enablePrivateNodes") is not True


def _open_control_plane(declared: Declared) -> bool:
    if declared.kind != _CLUSTER:
        return False
    blocks = _at(declared.inputs, "masterAuthorizedNetworksConfig.cidrBlocks")
    return not blocks or any(str(block.get("cidrBlock")).endswith("/0") for block in blocks)


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


GUARD_RAILS: tuple[GuardRail, ...] = tuple(
    GuardRail(name=name, clause=clause, description=description, broken=broken)
    for name, clause, description, broken in (
        ("three-zones", "DI-2", "clusters and node pools stand in at least three zones", _few_zones),
        ("no-public-database", "DI-1", "a database has no public address", _public_database),
        ("database-over-tls", "DI-5", "a database takes encrypted connections only", _plain_traffic),
        ("database-in-two-zones", "DI-2", "a database has a standby in another zone", _one_zone_database),
        ("backups", "DI-7", "35 daily backups and point-in-time recovery", _few_backups),
        ("encrypted-secrets", "DI-1", "Kubernetes' secrets are encrypted by a key of our own", _plain_secrets),
        ("no-public-nodes", "DI-1", "nodes have no public address", _public_nodes),
        ("closed-control-plane", "DI-1", "the control plane is open to named networks only", _open_control_plane),
        ("no-public-bucket", "DI-1", "a bucket can never become public", _public_bucket),
        ("labels", "DI-1", "what can be labelled names its installation", _unlabelled),
        ("protected", "DI-7", "Pulumi refuses to delete what holds data", _unprotected),
        ("deletion-protection", "DI-7", "Google refuses to delete what holds data", _deletable),
    )
)
"""All rules, in the order in which they are shown."""
