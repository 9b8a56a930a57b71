"""The shape of each resource, read from the typed SDK and kept as JSON, because reading the SDK takes seconds.

`python -m tests.clouds.reflection` writes the files anew; tests compare them with the SDK.
"""

import importlib
import inspect
import json
import re
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pulumi import _types

from tests.clouds.aws.kinds import KINDS

SCHEMAS = Path(__file__).parent / "schema"
_DEEPEST = {"gcp": 99, "aws": 6}
"""Levels of nesting: WAF's statements hold each other without end, and Amazon's own models judge those."""

GOOGLE = (
    "gcp:billing/budget:Budget", "gcp:certificatemanager/certificate:Certificate",
    "gcp:certificatemanager/certificateMap:CertificateMap",
    "gcp:certificatemanager/certificateMapEntry:CertificateMapEntry",
    "gcp:certificatemanager/dnsAuthorization:DnsAuthorization", "gcp:compute/globalAddress:GlobalAddress",
    "gcp:compute/network:Network", "gcp:compute/router:Router", "gcp:compute/routerNat:RouterNat",
    "gcp:compute/securityPolicy:SecurityPolicy", "gcp:compute/subnetwork:Subnetwork",
    "gcp:container/cluster:Cluster", "gcp:container/nodePool:NodePool", "gcp:dns/managedZone:ManagedZone",
    "gcp:dns/recordSet:RecordSet", "gcp:kms/cryptoKey:CryptoKey", "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember",
    "gcp:kms/keyRing:KeyRing", "gcp:monitoring/alertPolicy:AlertPolicy",
    "gcp:monitoring/notificationChannel:NotificationChannel",
    "gcp:monitoring/uptimeCheckConfig:UptimeCheckConfig", "gcp:organizations/project:Project",
    "gcp:projects/iAMMember:IAMMember", "gcp:projects/service:Service",
    "gcp:projects/serviceIdentity:ServiceIdentity", "gcp:secretmanager/secret:Secret",
    "gcp:secretmanager/secretVersion:SecretVersion", "gcp:serviceaccount/account:Account",
    "gcp:servicenetworking/connection:Connection", "gcp:sql/database:Database",
    "gcp:sql/databaseInstance:DatabaseInstance", "gcp:sql/user:User", "gcp:storage/bucket:Bucket",
    "gcp:storage/bucketIAMMember:BucketIAMMember",
)  # fmt: skip
"""What the program makes; another type is refused by the simulation until it is listed here."""


def reflect(tokens: Iterable[str]) -> dict[str, Any]:
    """Type token → `{required, inputs, ids}`; an input is a word for a simple type, a list, a map or an object;
    `ids` of a resource are the forms of its id by which it is imported, or examples of it."""
    found = {}
    for token in tokens:
        cloud, module, name = token.split(":")
        package = importlib.import_module(f"pulumi_{cloud}.{module.split('/')[0]}")
        resource = getattr(package, name)
        arguments = getattr(importlib.import_module(resource.__module__), f"{name}InitArgs", None) or getattr(
            importlib.import_module(resource.__module__), f"{name}Args"
        )
        ids = _ids(importlib.import_module(resource.__module__), cloud)
        found[token] = _object(arguments, _DEEPEST[cloud]) | {"ids": ids}
    return found


def _ids(module: types.ModuleType, cloud: str) -> list[str]:
    """Forms of the id by which the SDK's documentation imports a resource, or examples; none where it tells none."""
    _, heading, text = inspect.getsource(module).partition("## Import")
    form = r"[*-] `([^` ]+)`" if cloud == "gcp" else r"pulumi import \S+ \S+ (\S+)"
    return re.findall(form, text.partition(":param")[0]) if heading else []


def _object(arguments: type, left: int) -> dict[str, Any]:
    names = _types.input_type_py_to_pulumi_names(arguments)
    parameters = inspect.signature(arguments.__init__).parameters
    hints = _types.input_type_types(arguments)
    required = [names[name] for name, parameter in parameters.items() if name != "__self__" and name in names
                and parameter.default is inspect.Parameter.empty]  # fmt: skip
    inputs = {public: _kind(hints[public], left - 1) for public in names.values()}
    return {"required": sorted(required), "inputs": dict(sorted(inputs.items()))}


def _kind(hint: Any, left: int) -> Any:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        kinds = [_kind(one, left) for one in inner if one is not type(None)]
        objects = [kind for kind in kinds if isinstance(kind, dict) and "inputs" in kind]
        if objects and "string" in kinds:
            return "any"  # a document, or its text
        return (objects or [kind for kind in kinds if kind != "any"] or ["any"])[0]
    if origin in (list, Sequence):
        return {"list": _kind(inner[0], left)}
    if origin in (dict, Mapping):
        return {"map": _kind(inner[1], left)}
    if origin is not None and inner:
        return _kind(inner[0], left)
    if hint in (str, bool, int, float):
        return {str: "string", bool: "boolean", int: "number", float: "number"}[hint]
    if inspect.isclass(hint) and hint.__name__.endswith("Args"):
        return _object(hint, left) if left else "any"
    return "any"


def write() -> None:
    """Write the files."""
    for cloud, tokens in (("gcp", GOOGLE), ("aws", tuple(KINDS))):
        (SCHEMAS / f"{cloud}.json").write_text(json.dumps(reflect(tokens), indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    write()
