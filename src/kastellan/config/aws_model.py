"""The shape of `installation:aws`: the cloud base on AWS, judged by tables, without a network."""

import re
from ipaddress import IPv4Network
from typing import Annotated

from pydantic import AfterValidator, Field

from kastellan.config.fields import ConfigModel
from kastellan.config.range_field import NarrowRange, Range, fitting
from kastellan.config.sized_field import database_of, machine_of, region_of
from kastellan.domain.aws_network import network_problems
from kastellan.domain.aws_region import AWS_REGIONS
from kastellan.domain.service_plan import Platform

_TAG = re.compile(r"[A-Za-z0-9 _.:/=+@-]*")
_RESERVED_TAGS = ("aws:", "Name", "installation", "managed-by")


def _private(value: IPv4Network) -> IPv4Network:
    if not value.is_private:
        raise ValueError(f"{value} is not private; the database has no public address")
    return value


def _tags(value: dict[str, str]) -> dict[str, str]:
    bad = [
        key
        for key, text in value.items()
        if not 1 <= len(key) <= 128 or len(text) > 256 or not _TAG.fullmatch(key) or not _TAG.fullmatch(text)
    ]
    if bad:
        raise ValueError(f"{', '.join(bad)}: letters, digits, spaces and _.:/=+-@; keys to 128, values to 256")
    reserved = [key for key in value if key.startswith(_RESERVED_TAGS)]
    if reserved:
        raise ValueError(f"{', '.join(reserved)}: these tags are Amazon's or kastellan's own")
    return value


Email = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Administrator = Annotated[str, Field(pattern=r"^arn:aws:iam::\d{12}:(role|user)/[\w+=,.@/-]+$")]
AddonVersion = Annotated[str, Field(pattern=r"^v\d+\.\d+\.\d+-eksbuild\.\d+$")]


class DnsZoneModel(ConfigModel):
    """The Route 53 zone that takes the installation's records; it is there, and delegated."""

    zone_id: str = Field(pattern=r"^Z[A-Z0-9]{1,31}$", description="of the hosted zone")


class BackupBucketModel(ConfigModel):
    """35 days of point-in-time recovery are always kept, and what lies in the bucket as long (DI-7)."""

    lock: bool = Field(default=False, description="nobody at all can delete backups early; it cannot be undone")


class AwsBudgetModel(ConfigModel):
    """An alert at 50, 90 and 100 per cent of a month's amount; it goes to alertEmails."""

    amount: int = Field(gt=0, description="US dollars")


class AddonVersionsModel(ConfigModel):
    """Versions of EKS' add-ons, as `aws eks describe-addon-versions` lists them."""

    coredns: AddonVersion | None = None
    eks_pod_identity_agent: AddonVersion | None = None
    kube_proxy: AddonVersion | None = Field(default=None, description="of the same minor version as kubernetesVersion")
    vpc_cni: AddonVersion | None = None


class AwsModel(ConfigModel):
    """The cloud base on AWS."""

    account: str = Field(pattern=r"^\d{12}$", description="number of the account; no other is touched")
    region: Annotated[str, region_of(AWS_REGIONS, example="eu-central-2")]
    zones: tuple[str, ...] = Field(default=(), description="at least three of the region; its first three by default")
    network: Annotated[Range, fitting(network_problems)] = Field(
        default=IPv4Network("10.40.0.0/16"), description="private range of the installation, a /16 to a /20"
    )
    apart_from: tuple[Range, ...] = Field(default=(), description="ranges it is going to be connected with")
    authorised_networks: dict[str, NarrowRange] = Field(
        default={}, description="name and range of those who may reach the control plane from the internet; none"
    )
    database_networks: tuple[Annotated[Range, AfterValidator(_private)], ...] = Field(
        default=(), description="private ranges besides the nodes from which the database may be asked"
    )
    administrators: tuple[Administrator, ...] = Field(
        min_length=1, description="ARNs of roles or users that administer the cluster; yours among them"
    )
    kubernetes_version: str = Field(default="1.34", pattern=r"^1\.\d\d$", description="raise it by one at a time")
    addon_versions: AddonVersionsModel = Field(
        default=AddonVersionsModel(),
        description="what is missing stays Amazon's default of the day on which it is made",
    )
    machine_type: Annotated[str, machine_of(Platform.EKS)] | None = Field(default=None, description="not the sized one")
    nodes_per_zone: int | None = Field(default=None, ge=1, le=32, description="instead of the sized number")
    database_class: Annotated[str, database_of(Platform.EKS, word="database class")] | None = Field(
        default=None, description="not the sized one"
    )
    database_disk: int | None = Field(default=None, ge=100, le=65536, description="GiB to begin with")
    dns: DnsZoneModel | None = Field(default=None, description="without it the customer makes the record")
    certificate: str = Field(
        default="",
        pattern=r"^(arn:aws:acm:[a-z0-9-]+:\d{12}:certificate/[0-9a-f-]{36})?$",
        description="ARN of an issued certificate of ACM in the region; needed without dns",
    )
    backup: BackupBucketModel = BackupBucketModel()
    budget: AwsBudgetModel | None = None
    escrow: bool = Field(default=False, description="keep masterkey and passwords in Secrets Manager as well")
    alert_emails: tuple[Email, ...] = ()
    tags: Annotated[dict[str, str], AfterValidator(_tags)] = Field(default={}, description="of all resources")
    protect: bool = Field(default=True, description="what holds data refuses to be deleted")
