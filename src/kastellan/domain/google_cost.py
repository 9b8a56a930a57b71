"""What resources on Google Cloud use in a month, by kind: what is sold, how much of it, in which unit (DI-3).

Every kind is either counted here, or named as free, or told as unpriced: a kind that nobody thought of is never free.
Source of what is charged for what: the page "Pricing" of each product under cloud.google.com, read November 2026.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from kastellan.domain.cost import DEPENDS, HOURS, Counting, Item, Used, each, items_of
from kastellan.domain.declared_resource import DeclaredResource

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
    return items_of((one for one in resources if one.cloud == "gcp"), FREE, _COUNTED)


def google_region(resources: Iterable[DeclaredResource]) -> str:
    """Region of the cluster; empty where there is none."""
    places = (one.inputs.get("location") for one in resources if one.kind == "gcp:container/cluster:Cluster")
    return str(next(places, None) or "")


def _cluster(inputs: Mapping[str, Any]) -> Used:
    zonal = re.search(r"-[a-z]$", inputs["location"])
    yield f"gke-{'zonal' if zonal else 'regional'}-cluster", HOURS, "hour"


def _pool(inputs: Mapping[str, Any]) -> Used:
    node, count = inputs["nodeConfig"], Decimal(inputs["nodeCount"]) * len(inputs["nodeLocations"])
    yield node["machineType"], HOURS * count, "hour"
    yield node["diskType"], Decimal(node["diskSizeGb"]) * count, "GiB month"
    yield "cloud-nat-vm", HOURS * count, "hour"  # they go out by NAT; of more than 32, it charges 32


def _database(inputs: Mapping[str, Any]) -> Used:
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


def _address(inputs: Mapping[str, Any]) -> Used:
    if inputs["addressType"] == "EXTERNAL":
        yield "global-forwarding-rule", HOURS, "hour"  # the load balancer that the Gateway makes behind it


def _policy(inputs: Mapping[str, Any]) -> Used:
    yield "cloud-armor-policy", Decimal(1), "month"
    yield "cloud-armor-rule", Decimal(len(inputs["rules"])), "month"


_COUNTED: Mapping[str, Counting] = {
    "gcp:compute/globalAddress:GlobalAddress": _address,
    "gcp:compute/routerNat:RouterNat": each("cloud-nat-data", unit=DEPENDS),
    "gcp:compute/securityPolicy:SecurityPolicy": _policy,
    "gcp:container/cluster:Cluster": _cluster,
    "gcp:container/nodePool:NodePool": _pool,
    "gcp:dns/managedZone:ManagedZone": each("dns-zone"),
    "gcp:kms/cryptoKey:CryptoKey": each("kms-key-version"),
    "gcp:monitoring/alertPolicy:AlertPolicy": each("alert-policy"),
    "gcp:monitoring/uptimeCheckConfig:UptimeCheckConfig": each("uptime-check"),
    "gcp:secretmanager/secretVersion:SecretVersion": each("secret-version"),
    "gcp:sql/databaseInstance:DatabaseInstance": _database,
    "gcp:storage/bucket:Bucket": each("cloud-storage", unit=DEPENDS),
}
