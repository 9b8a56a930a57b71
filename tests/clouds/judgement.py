"""What a cloud would refuse, as far as it can be told from inputs alone: shape, names, ranges, zones, machine types."""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Any

from kastellan.domain.google_region import GOOGLE_REGIONS
from tests.clouds import discovery

UNKNOWN = object()
"""Stands for a value that is not known yet."""

_NAMES = {
    "gcp:container/cluster:Cluster": ("name", r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?"),
    "gcp:container/nodePool:NodePool": ("name", r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?"),
    "gcp:serviceaccount/account:Account": ("accountId", r"[a-z]([-a-z0-9]{4,28}[a-z0-9])"),
    "gcp:sql/databaseInstance:DatabaseInstance": ("name", r"[a-z]([-a-z0-9]{0,83}[a-z0-9])?"),
    "gcp:storage/bucket:Bucket": ("name", r"[a-z0-9][-_.a-z0-9]{1,61}[a-z0-9]"),
    "gcp:organizations/project:Project": ("projectId", r"[a-z][-a-z0-9]{4,28}[a-z0-9]"),
    "gcp:compute/network:Network": ("name", r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?"),
    "gcp:compute/subnetwork:Subnetwork": ("name", r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?"),
    "gcp:compute/securityPolicy:SecurityPolicy": ("name", r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?"),
}
"""Patterns of names: API reference of each service, read November 2026."""
_MACHINES = re.compile(r"(e2|n2|n2d|c3)-standard-(2|4|8|16|32|48|64|80)")
"""cloud.google.com/compute/docs/general-purpose-machines."""
_LABELS = ("labels", "resourceLabels", "userLabels")
_CUSTOM_TIER = re.compile(r"db-custom-(\d+)-(\d+)")


def problems(token: str, shape: Mapping[str, Any], inputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Property and what is wrong with it."""
    wrong = list(shape_problems(shape, inputs))
    yield from wrong
    if not wrong:
        yield from discovery.problems(token, inputs)
    if rule := _NAMES.get(token):
        field, pattern = rule
        value = inputs.get(field)
        if isinstance(value, str) and not re.fullmatch(pattern, value):
            yield field, f"{value!r} does not match {pattern}"
    for field in _LABELS if token != "gcp:monitoring/notificationChannel:NotificationChannel" else ("userLabels",):
        for key, value in (inputs.get(field) or {}).items() if isinstance(inputs.get(field), Mapping) else ():
            text = value if isinstance(value, str) else ""
            if not re.fullmatch(r"[a-z][a-z0-9_-]{0,62}", key) or not re.fullmatch(r"[a-z0-9_-]{0,63}", text):
                yield field, f"label {key}={text} is not allowed"
    yield from _places(inputs)
    yield from _of_one_kind(token, inputs)


def shape_problems(shape: Mapping[str, Any], inputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Property and what the typed SDK says against it."""
    return _shape("", shape, inputs)


def _shape(path: str, shape: Any, value: Any) -> Iterator[tuple[str, str]]:
    if value is UNKNOWN or value is None or shape == "any":
        return
    if isinstance(shape, str):
        expected = {"string": str, "boolean": bool, "number": (int, float)}[shape]
        if not isinstance(value, expected) or (shape == "number" and isinstance(value, bool)):
            yield path, f"expected {shape}, got {type(value).__name__}"
    elif "list" in shape:
        if not isinstance(value, list):
            yield path, f"expected a list, got {type(value).__name__}"
            return
        for number, one in enumerate(value):
            yield from _shape(f"{path}[{number}]", shape["list"], one)
    elif not isinstance(value, Mapping):
        yield path, f"expected an object, got {type(value).__name__}"
    elif "map" in shape:
        for key, one in value.items():
            yield from _shape(f"{path}.{key}", shape["map"], one)
    else:
        for name, one in value.items():
            below = f"{path}.{name}" if path else name
            if name.startswith("__"):
                continue
            if name not in shape["inputs"]:
                yield below, "no such property"
            else:
                yield from _shape(below, shape["inputs"][name], one)
        yield from ((f"{path}.{name}" if path else name, "required") for name in shape["required"] if name not in value)


def _places(inputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    place = inputs.get("region") or inputs.get("location")
    zones = inputs.get("nodeLocations")
    if isinstance(place, str) and isinstance(zones, list):
        foreign = [zone for zone in zones if zone not in GOOGLE_REGIONS.get(place, ())]
        if foreign:
            yield "nodeLocations", f"{', '.join(foreign)} not in {place}"
    for field in ("ipCidrRange", "network"):
        value = inputs.get(field)
        if field == "ipCidrRange" and isinstance(value, str):
            try:
                ipaddress.IPv4Network(value)
            except ValueError as cause:
                yield field, str(cause)


def _of_one_kind(token: str, inputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if token == "gcp:container/nodePool:NodePool":
        machine = (inputs.get("nodeConfig") or {}).get("machineType")
        if isinstance(machine, str) and not _MACHINES.fullmatch(machine):
            yield "nodeConfig.machineType", f"{machine} does not exist"
    if token == "gcp:sql/databaseInstance:DatabaseInstance":
        settings = inputs.get("settings") or {}
        tier = _CUSTOM_TIER.fullmatch(str(settings.get("tier")))
        # cloud.google.com/sql/docs/postgres/create-instance: an even number of vCPU, 0.9 to 6.5 GB a vCPU.
        if not tier or (int(tier[1]) != 1 and int(tier[1]) % 2) or not 0.9 <= int(tier[2]) / 1024 / int(tier[1]) <= 6.5:
            yield "settings.tier", f"{settings.get('tier')} does not exist"
    if token == "gcp:container/cluster:Cluster":
        yield from _maintenance(inputs.get("maintenancePolicy"))


def _maintenance(policy: Any) -> Iterator[tuple[str, str]]:
    exclusions = (policy or {}).get("maintenanceExclusions") or []
    if len([one for one in exclusions if one.get("exclusionOptions", {}).get("scope") == "NO_UPGRADES"]) > 3:
        yield "maintenancePolicy", "more than three exclusions of everything"
