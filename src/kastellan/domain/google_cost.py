"""What resources on Google Cloud use in a month, by kind: what is sold, how much of it, in which unit (DI-3).

Every kind is either counted here, or named as free, or told as unpriced: a kind that nobody thought of is never free.
Source of what is charged for what: the page "Pricing" of each product under cloud.google.com, read November 2026.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from kastellan.domain.cost import HOURS, Item, summed
from kastellan.domain.declared_resource import DeclaredResource

DEPENDS = "depends on use"
"""Unit of what is charged by use: it is named, and never priced."""
FREE = frozenset(
    {
        "gcp:billing/budget:Budget",
        "gcp:certificatemanager/certificate:Certificate",
        "gcp:certificatemanager/certificateMap:CertificateMap",
        "gcp:certificatemanager/certificateMapEntry:CertificateMapEntry",
        "gcp:certificatemanager/dnsAuthorization:DnsAuthorization",
        "gcp:compute/network:Network",
        "gcp:compute/router:Router",
        "gcp:compute/subnetwork:Subnetwork",
        "gcp:dns/recordSet:RecordSet",
        "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember",
        "gcp:kms/keyRing:KeyRing",
        "gcp:monitoring/notificationChannel:NotificationChannel",
        "gcp:organizations/project:Project",
        "gcp:projects/iAMMember:IAMMember",
        "gcp:projects/service:Service",
        "gcp:projects/serviceIdentity:ServiceIdentity",
        "gcp:secretmanager/secret:Secret",
        "gcp:serviceaccount/account:Account",
        "gcp:servicenetworking/connection:Connection",
        "gcp:sql/database:Database",
        "gcp:sql/user:User",
        "gcp:storage/bucketIAMMember:BucketIAMMember",
    }
)
"""Kinds that cost nothing by themselves. A secret is charged by its versions."""


def google_items(resources: Iterable[DeclaredResource]) -> tuple[Item, ...]:
    """What the resources of a base use in a month; what is not known yet is told as such. By part and SKU."""
    base = [one for one in resources if one.cloud == "gcp"]
    found = [item for one in base for item in _items(one)]
    traffic = Item(part="traffic", sku="traffic-to-the-internet", quantity=Decimal(1), unit=DEPENDS)
    return summed(sorted([*found, traffic], key=lambda item: (item.part, item.sku)))


def google_region(resources: Iterable[DeclaredResource]) -> str:
    """Region of the cluster; empty where there is none."""
    places = (one.inputs.get("location") for one in resources if one.kind == "gcp:container/cluster:Cluster")
    return str(next(places, None) or "")


def _items(one: DeclaredResource) -> Iterator[Item]:
    if one.kind in FREE:
        return
    counting = _COUNTED.get(one.kind)
    if counting is None:
        yield Item(part=one.part, sku=one.kind, quantity=Decimal(1), unit="month")
        return
    try:
        used = tuple(counting(one.inputs))
    except (KeyError, TypeError, ValueError):  # an input that is not known in a preview
        used = ((one.kind, Decimal(1), "not known before it is made"),)
    for sku, quantity, unit in used:
        yield Item(part=one.part, sku=sku, quantity=quantity, unit=unit)


_Used = Iterator[tuple[str, Decimal, str]]


def _cluster(inputs: Mapping[str, Any]) -> _Used:
    zonal = re.search(r"-[a-z]$", inputs["location"])
    yield f"gke-{'zonal' if zonal else 'regional'}-cluster", HOURS, "hour"


def _pool(inputs: Mapping[str, Any]) -> _Used:
    node, count = inputs["nodeConfig"], Decimal(inputs["nodeCount"]) * len(inputs["nodeLocations"])
    yield node["machineType"], HOURS * count, "hour"
    yield node["diskType"], Decimal(node["diskSizeGb"]) * count, "GiB month"


def _database(inputs: Mapping[str, Any]) -> _Used:
    settings = inputs["settings"]
    tier = re.fullmatch(r"db-custom-(\d+)-(\d+)", settings["tier"])
    standby = "-ha" if settings.get("availabilityType") == "REGIONAL" else ""
    if tier:
        yield f"cloud-sql-postgres{standby}-vcpu", HOURS * int(tier[1]), "hour"
        yield f"cloud-sql-postgres{standby}-memory-gib", HOURS * int(tier[2]) / 1024, "hour"
    else:
        yield settings["tier"], HOURS, "hour"
    disk = Decimal(settings["diskSize"])
    yield f"cloud-sql-ssd{standby}", disk, "GiB month"
    yield "cloud-sql-backup", disk, "GiB month"  # incremental ones: about one disk, whatever their number


def _address(inputs: Mapping[str, Any]) -> _Used:
    if inputs["addressType"] == "EXTERNAL":
        yield "global-forwarding-rule", HOURS, "hour"  # the load balancer that the Gateway makes behind it


def _policy(inputs: Mapping[str, Any]) -> _Used:
    yield "cloud-armor-policy", Decimal(1), "month"
    yield "cloud-armor-rule", Decimal(len(inputs["rules"])), "month"


def _each(sku: str, quantity: Decimal = Decimal(1), unit: str = "month") -> Callable[[Mapping[str, Any]], _Used]:
    return lambda _: iter([(sku, quantity, unit)])


_COUNTED: Mapping[str, Callable[[Mapping[str, Any]], _Used]] = {
    "gcp:compute/globalAddress:GlobalAddress": _address,
    "gcp:compute/routerNat:RouterNat": _each("cloud-nat", HOURS, "hour"),
    "gcp:compute/securityPolicy:SecurityPolicy": _policy,
    "gcp:container/cluster:Cluster": _cluster,
    "gcp:container/nodePool:NodePool": _pool,
    "gcp:dns/managedZone:ManagedZone": _each("dns-zone"),
    "gcp:kms/cryptoKey:CryptoKey": _each("kms-key-version"),
    "gcp:monitoring/alertPolicy:AlertPolicy": _each("alert-policy"),
    "gcp:monitoring/uptimeCheckConfig:UptimeCheckConfig": _each("uptime-check"),
    "gcp:secretmanager/secretVersion:SecretVersion": _each("secret-version"),
    "gcp:sql/databaseInstance:DatabaseInstance": _database,
    "gcp:storage/bucket:Bucket": _each("cloud-storage", unit=DEPENDS),
}
