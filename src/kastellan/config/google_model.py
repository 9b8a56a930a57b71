"""The shape of `installation:google`: the cloud base on Google Cloud, judged by tables, without a network."""

import re
from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from kastellan.config.fields import ConfigModel, DomainName
from kastellan.config.range_field import NarrowRange, Range, fitting
from kastellan.config.sized_field import database_of, machine_of, region_of
from kastellan.domain.google_network import network_problems
from kastellan.domain.google_region import GOOGLE_REGIONS
from kastellan.domain.service_plan import Platform

_LABEL_KEY = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_LABEL_VALUE = re.compile(r"[a-z0-9_-]{0,63}")


def _labels(value: dict[str, str]) -> dict[str, str]:
    bad = [key for key, text in value.items() if not _LABEL_KEY.fullmatch(key) or not _LABEL_VALUE.fullmatch(text)]
    if bad:
        raise ValueError(f"{', '.join(bad)}: lower-case letters, digits, _ and -, at most 63, keys begin with a letter")
    return value


BillingAccount = Annotated[str, Field(pattern=r"^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$")]


class NewProjectModel(ConfigModel):
    """Make the project; without this it has to be there."""

    billing_account: BillingAccount
    folder: str = Field(default="", pattern=r"^\d*$", description="number of the folder")
    organization: str = Field(default="", pattern=r"^\d*$", description="number of the organisation, without a folder")

    @model_validator(mode="after")
    def _one_place(self) -> "NewProjectModel":
        if bool(self.folder) == bool(self.organization):
            raise ValueError("name either the folder or the organization that the project goes into")
        return self


class DnsModel(ConfigModel):
    """The Cloud DNS zone that takes the installation's records."""

    zone: str = Field(pattern=r"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$", description="name of the managed zone")
    create: DomainName | None = Field(default=None, description="make it for this domain; delegate it afterwards")


class BackupModel(ConfigModel):
    """Where backups lie; 35 daily ones and a week of point-in-time recovery are always kept (DI-7)."""

    location: str = Field(default="", description="another region or multi-region, such as eu; the own by default")
    lock: bool = Field(default=False, description="nobody can shorten the retention any more; it cannot be undone")


class BudgetModel(ConfigModel):
    """An alert at 50, 90 and 100 per cent of a month's amount."""

    billing_account: BillingAccount
    amount: int = Field(gt=0)
    currency: str = Field(pattern="^[A-Z]{3}$", description="of the billing account, such as CHF")
    project_number: str = Field(default="", pattern=r"^\d*$", description="of the project, where it is not made")


class GoogleModel(ConfigModel):
    """The cloud base on Google Cloud."""

    project: str = Field(pattern=r"^[a-z][a-z0-9-]{4,28}[a-z0-9]$", description="id, 6 to 30 characters")
    new_project: NewProjectModel | None = None
    region: Annotated[str, region_of(GOOGLE_REGIONS, example="europe-west6")]
    zones: tuple[str, ...] = Field(default=(), description="at least three of the region; its first three by default")
    network: Annotated[Range, fitting(network_problems)] = Field(
        default=IPv4Network("10.40.0.0/16"), description="private range of the installation, at least a /19"
    )
    apart_from: tuple[Range, ...] = Field(default=(), description="ranges it is going to be connected with")
    authorised_networks: dict[str, NarrowRange] = Field(
        min_length=1, description="name and range of those who may reach the control plane"
    )
    private_endpoint: bool = Field(default=False, description="no public address of the control plane at all")
    release_channel: Literal["REGULAR", "STABLE", "EXTENDED"] = "STABLE"
    machine_type: Annotated[str, machine_of(Platform.GKE)] | None = Field(default=None, description="not the sized one")
    nodes_per_zone: int | None = Field(default=None, ge=1, le=32, description="instead of the sized number")
    database_tier: Annotated[str, database_of(Platform.GKE, word="database tier")] | None = Field(
        default=None, description="not the sized one"
    )
    database_disk: int | None = Field(default=None, ge=100, le=65536, description="GiB to begin with")
    dns: DnsModel | None = Field(default=None, description="without it the customer makes the records")
    backup: BackupModel = BackupModel()
    budget: BudgetModel | None = None
    escrow: bool = Field(default=False, description="keep masterkey and database password in Secret Manager as well")
    alert_emails: tuple[Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")], ...] = ()
    labels: Annotated[dict[str, str], AfterValidator(_labels)] = Field(default={}, description="of all resources")
    protect: bool = Field(default=True, description="what holds data refuses to be deleted")
