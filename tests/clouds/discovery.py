"""Judges requests by Google's own discovery documents: field names, types, enums, and fields that are output only.

The request is derived from a resource's inputs: Pulumi's names are not the API's, so each kind has a table of what is
called differently, what stands elsewhere, and what the API never sees.
"""

import functools
import json
from collections.abc import Iterator, Mapping
from typing import Any

from googleapiclient.discovery_cache import get_static_doc

_TERRAFORM_ONLY = frozenset({"project", "deletionPolicy", "deletionProtection", "forceDestroy", "location", "region"})
_KINDS: dict[str, tuple[str, str, str]] = {
    "gcp:compute/network:Network": ("compute", "v1", "Network"),
    "gcp:compute/subnetwork:Subnetwork": ("compute", "v1", "Subnetwork"),
    "gcp:compute/router:Router": ("compute", "v1", "Router"),
    "gcp:compute/routerNat:RouterNat": ("compute", "v1", "RouterNat"),
    "gcp:compute/globalAddress:GlobalAddress": ("compute", "v1", "Address"),
    "gcp:compute/securityPolicy:SecurityPolicy": ("compute", "v1", "SecurityPolicy"),
    "gcp:container/cluster:Cluster": ("container", "v1", "Cluster"),
    "gcp:container/nodePool:NodePool": ("container", "v1", "NodePool"),
    "gcp:sql/databaseInstance:DatabaseInstance": ("sqladmin", "v1", "DatabaseInstance"),
    "gcp:sql/database:Database": ("sqladmin", "v1", "Database"),
    "gcp:sql/user:User": ("sqladmin", "v1", "User"),
    "gcp:dns/managedZone:ManagedZone": ("dns", "v1", "ManagedZone"),
    "gcp:dns/recordSet:RecordSet": ("dns", "v1", "ResourceRecordSet"),
    "gcp:kms/cryptoKey:CryptoKey": ("cloudkms", "v1", "CryptoKey"),
    "gcp:monitoring/alertPolicy:AlertPolicy": ("monitoring", "v3", "AlertPolicy"),
    "gcp:monitoring/notificationChannel:NotificationChannel": ("monitoring", "v3", "NotificationChannel"),
    "gcp:monitoring/uptimeCheckConfig:UptimeCheckConfig": ("monitoring", "v3", "UptimeCheckConfig"),
    "gcp:secretmanager/secret:Secret": ("secretmanager", "v1", "Secret"),
    "gcp:certificatemanager/certificate:Certificate": ("certificatemanager", "v1", "Certificate"),
    "gcp:certificatemanager/certificateMap:CertificateMap": ("certificatemanager", "v1", "CertificateMap"),
    "gcp:certificatemanager/certificateMapEntry:CertificateMapEntry": (
        "certificatemanager",
        "v1",
        "CertificateMapEntry",
    ),
    "gcp:certificatemanager/dnsAuthorization:DnsAuthorization": ("certificatemanager", "v1", "DnsAuthorization"),
}
"""Type token → API, version and schema of the request's body."""

_ELSEWHERE: dict[str, frozenset[str]] = {
    "Network": frozenset({"deleteDefaultRoutesOnCreate"}),
    "RouterNat": frozenset({"router"}),
    "Cluster": frozenset({"removeDefaultNodePool"}),
    "NodePool": frozenset({"cluster", "nodeCount"}),
    "ResourceRecordSet": frozenset({"managedZone"}),
    "ManagedZone": frozenset({"forceDestroy"}),
    "CryptoKey": frozenset({"keyRing", "name"}),
    "Secret": frozenset({"secretId"}),
    "CertificateMapEntry": frozenset({"map"}),
    "DatabaseInstance": frozenset(),
}
"""Schema → inputs that stand in the address of the request, or are steps of the provider's own."""

_CALLED: dict[str, str] = {
    "Secret.replication.auto": "automatic",
    "DatabaseInstance.settings.diskAutoresize": "storageAutoResize",
    "DatabaseInstance.settings.diskType": "dataDiskType",
    "DatabaseInstance.settings.diskSize": "dataDiskSizeGb",
    "Network.routingMode": "routingConfig.routingMode",
    "Cluster.datapathProvider": "networkConfig.datapathProvider",
    "Cluster.enableIntranodeVisibility": "networkConfig.enableIntraNodeVisibility",
    "Cluster.gatewayApiConfig": "networkConfig.gatewayApiConfig",
    "Cluster.enableShieldedNodes": "shieldedNodes.enabled",
    "Cluster.enableLegacyAbac": "legacyAbac.enabled",
    "Cluster.nodeLocations": "locations",
    "Cluster.networkingMode": "ipAllocationPolicy.useIpAliases",
    "Cluster.loggingConfig.enableComponents": "componentConfig.enableComponents",
    "Cluster.monitoringConfig.enableComponents": "componentConfig.enableComponents",
    "Cluster.monitoringConfig.managedPrometheus": "managedPrometheusConfig",
    "Cluster.maintenancePolicy.recurringWindow": "window.recurringWindow",
    "Cluster.maintenancePolicy.recurringWindow.startTime": "window.startTime",
    "Cluster.maintenancePolicy.recurringWindow.endTime": "window.endTime",
    "Cluster.maintenancePolicy.maintenanceExclusions": "window.maintenanceExclusions",
    "Cluster.maintenancePolicy.maintenanceExclusions.exclusionName": "",
    "Cluster.maintenancePolicy.maintenanceExclusions.exclusionOptions": "maintenanceExclusionOptions",
    "NodePool.nodeLocations": "locations",
    "NodePool.nodeConfig": "config",
    "DatabaseInstance.encryptionKeyName": "diskEncryptionConfiguration.kmsKeyName",
}
"""Inputs that the API calls differently, relative to where they stand; empty where the name becomes a key."""


@functools.cache
def _schemas(api: str, version: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(get_static_doc(api, version))
    schemas: dict[str, Any] = document["schemas"]
    return schemas


def problems(token: str, inputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Property and what Google's document says against it."""
    if token not in _KINDS:
        return
    api, version, name = _KINDS[token]
    schemas = _schemas(api, version)
    skipped = _TERRAFORM_ONLY | _ELSEWHERE.get(name, frozenset())
    for key, value in inputs.items():
        if key.startswith("__") or key in skipped:
            continue
        yield from _field(schemas, schemas[name], f"{name}.{key}", key, value)


def _field(schemas: Any, schema: Any, path: str, key: str, value: Any) -> Iterator[tuple[str, str]]:
    target = _CALLED.get(path, key)
    if not target:
        return
    shown = path.partition(".")[2]
    for part in target.split("."):
        properties = _resolved(schemas, schema).get("properties", {})
        found = _property(properties, part)
        if found is None:
            yield shown, f"the API's {schema.get('id', 'object')} has no field {part}"
            return
        schema = properties[found]
    if "useIpAliases" in target:
        return
    yield from _value(schemas, schema, path, value)


def _property(properties: Mapping[str, Any], name: str) -> str | None:
    """The field itself, or its singular, plural or differently capitalised form, as the SDK's generator makes them."""
    candidates = {name, name.removesuffix("s"), f"{name}s", f"{name}es", name.removesuffix("es")}
    lowered = {one.lower() for one in candidates}
    exact = [one for one in properties if one == name]
    close = [one for one in properties if one.lower() in lowered]
    return (exact or close or [None])[0]


def _resolved(schemas: Any, schema: Any) -> Any:
    return schemas[schema["$ref"]] if "$ref" in schema else schema


def _value(schemas: Any, schema: Any, path: str, value: Any) -> Iterator[tuple[str, str]]:
    shown = path.partition(".")[2]
    if not isinstance(value, str | int | float | bool | list | Mapping):
        return  # not known yet
    if "output only" in schema.get("description", "").lower()[:15] or schema.get("readOnly"):
        yield shown, "the API only tells this field"
        return
    schema = _resolved(schemas, schema)
    kind = schema.get("type")
    if kind == "array":
        for one in value if isinstance(value, list) else [value]:
            yield from _value(schemas, schema["items"], path, one)
    elif kind == "object" and "additionalProperties" in schema and isinstance(value, list):
        for one in value:  # a map of the API by a name that stands in each element
            yield from _value(schemas, schema["additionalProperties"], path, one)
    elif kind == "object" and "properties" in schema:
        if isinstance(value, list):  # the SDK has a list where the API has one object
            for one in value:
                yield from _value(schemas, schema, path, one)
        elif not isinstance(value, Mapping):
            yield shown, "the API expects an object"
        else:
            for key, one in value.items():
                if not key.startswith("__"):
                    yield from _field(schemas, schema, f"{path}.{key}", key, one)
    elif "enum" in schema and isinstance(value, str) and value not in schema["enum"]:
        yield shown, f"{value} is none of {', '.join(schema['enum'])}"
    elif kind in ("boolean", "integer", "number") and isinstance(value, Mapping | list):
        yield shown, f"the API expects {kind}"
