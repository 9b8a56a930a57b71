"""The shape of a stack's configuration: what the keys `installation:…` may hold.

Keys and their order are those of stacks/Pulumi.example.yaml. Secrets are optional here, because a stack file that is
read offline has them sealed; `kastellan.config.stack` says which are missing.
"""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from kastellan.config.aws_model import AwsModel
from kastellan.config.aws_stack import MASTER
from kastellan.config.contract_model import ContractModel, Duration
from kastellan.config.fields import (
    Certificate,
    ConfigModel,
    DnsLabel,
    DomainName,
    ImageField,
    KeyId,
    Masterkey,
    Network,
    Port,
    VersionField,
)
from kastellan.config.google_model import GoogleModel
from kastellan.config.probes_model import ProbesModel
from kastellan.config.restore_points_model import RestorePointsModel
from kastellan.config.routing_model import RoutingModel
from kastellan.domain.host_names import Layout
from kastellan.domain.installation import OnDrift, Verification
from kastellan.domain.load import Load
from kastellan.domain.service_plan import Platform
from kastellan.domain.size import SizeName

_PLATFORMS = (Platform.EXISTING.value, Platform.GKE.value, Platform.EKS.value)


def _platform(value: object) -> object:
    if value not in _PLATFORMS:
        raise ValueError(f"{value!r} is no platform; write {', '.join(_PLATFORMS[:-1])} or {_PLATFORMS[-1]}")
    return value


class Cluster(ConfigModel):
    """The customer's cluster (DI-4)."""

    kubeconfig: str | None = Field(default=None, repr=False, description="content of a kubeconfig; a secret")
    kubeconfig_path: Path | None = Field(default=None, description="file of a kubeconfig, instead of its content")
    context: str = Field(default="", description="context in it; the current one by default")


class DatabaseAdmin(ConfigModel):
    """A role that may create the role and the database; without it, both must exist."""

    user: str = Field(min_length=1)
    password: str | None = Field(default=None, repr=False, description="a secret")


class DatabaseModel(ConfigModel):
    """PostgreSQL; TLS is verified in full, always."""

    host: str = Field(min_length=1, description="name or address, as in the server's certificate")
    port: Port = 5432
    name: str = Field(default="zitadel", min_length=1, max_length=63)
    user: str = Field(default="zitadel", min_length=1, max_length=63)
    password: str | None = Field(default=None, repr=False, description="a secret")
    ca: Certificate = Field(description="PEM of the authority that signed the server's certificate")
    admin: DatabaseAdmin | None = None


class ImagesModel(ConfigModel):
    """Images by digest, where the catalogue does not know them or they come from a mirror."""

    zitadel: ImageField
    login: ImageField


class AutoscalingModel(ConfigModel):
    """Horizontal scaling by CPU."""

    max_replicas: int = Field(ge=4, le=100)
    target_cpu_percent: int = Field(default=70, ge=10, le=95)


class EgressModel(ConfigModel):
    """Where the pods may connect to besides DNS, each other and the database."""

    internet_ports: tuple[Port, ...] = (443, 465, 587)
    private_ranges: tuple[Network, ...] = ()


class LoadModel(ConfigModel):
    """Expected load at its peak, from which the size follows (DI-2); `kastellan size` shows how."""

    users: int = Field(ge=0, le=100_000_000, description="people who may log in")
    logins_per_second: float | None = Field(default=None, ge=0, description="with a password; derived from the users")
    requests_per_second: float = Field(default=0.0, ge=0, description="of applications, beside logins")
    clients_at_limit: int = Field(default=1, ge=0, description="addresses at both rate limits at once (RL-1, RL-2)")

    def load(self) -> Load:
        """The domain's value."""
        return Load(**self.model_dump())


class NodePoolModel(ConfigModel):
    """Nodes that are ZITADEL's alone: they carry this label, and a taint of the same key and value."""

    label: str = Field(pattern=r"^[a-z0-9./-]+$")
    value: str = Field(pattern=r"^[A-Za-z0-9._-]+$")


class CloudDatabaseModel(ConfigModel):
    """PostgreSQL that is made with the installation; host and authority are known once it is."""

    name: str = Field(default="zitadel", min_length=1, max_length=63)
    user: str = Field(default="zitadel", min_length=1, max_length=63)
    password: str | None = Field(default=None, repr=False, description="a secret")


class InstallationModel(ConfigModel):
    """The keys that every platform has."""

    version: VersionField
    undo: VersionField | None = Field(default=None, description="the newer version whose update is taken back")
    domain: DomainName
    host_names: Layout = Field(
        default=Layout.SINGLE_DOMAIN,
        description="four-subdomains: accounts., api., console. and issuer. below the domain, not the domain itself",
    )
    namespace: DnsLabel = "zitadel"
    size: SizeName = SizeName.SMALL
    load: LoadModel | None = Field(default=None, description="instead of size")
    minimum_zones: int = Field(default=3, ge=3, le=10, description="zones to spread over (DI-2)")
    masterkey: Masterkey | None = Field(default=None, repr=False, description="exactly 32 bytes; a secret")
    key_generation: int = Field(default=1, ge=1, description="raise it to rotate the system users' keys")
    catalogue: Path | None = Field(default=None, description="release catalogue instead of the packaged one")
    catalogue_signers: tuple[KeyId, ...] = Field(
        default=(), description="ids of keys one of which has to have signed the catalogue; none for unsigned ones"
    )
    images: ImagesModel | None = None
    image_pull_secret: str = ""
    autoscaling: AutoscalingModel | None = None
    egress: EgressModel = EgressModel()
    on_drift: OnDrift = OnDrift.REFUSE
    verification: Verification = Verification.REQUESTS
    rollout_deadline: Duration = Field(
        default=timedelta(minutes=10),
        ge=timedelta(minutes=1),
        le=timedelta(hours=2),
        description="how long a rollout may make no progress before it counts as failed; 10m",
    )
    restore_points: RestorePointsModel | None = None
    contract: ContractModel | None = None
    exemptions: Path | None = Field(default=None, description="file of the preflight's waivers and attestations")
    probes: ProbesModel = ProbesModel()

    @model_validator(mode="after")
    def _undone_is_newer(self) -> "InstallationModel":
        if self.undo is not None and self.undo <= self.version:
            raise ValueError(f"undo is {self.undo}, which is no newer than version {self.version}: remove it")
        return self

    @model_validator(mode="after")
    def _one_way_to_a_size(self) -> "InstallationModel":
        if self.load and "size" in self.model_fields_set:
            raise ValueError("size and load are both given; remove one of them")
        return self


class ClusterModel(InstallationModel):
    """The keys of an installation whose cluster and database are there."""

    cluster: Cluster
    database: DatabaseModel
    routing: RoutingModel = RoutingModel()
    node_pool: NodePoolModel | None = Field(default=None, description="nodes for ZITADEL alone")


class StackModel(ClusterModel):
    """All keys of a stack on a customer's cluster, without their prefix `installation:`."""

    platform: Annotated[Literal[Platform.EXISTING], BeforeValidator(_platform)]


class GoogleStackModel(InstallationModel):
    """All keys of a stack on Google Cloud."""

    platform: Literal[Platform.GKE]
    google: GoogleModel
    database: CloudDatabaseModel = CloudDatabaseModel()


class AwsDatabaseAdmin(ConfigModel):
    """The master user of RDS, with which `init` makes ZITADEL's own role and database."""

    user: str = Field(default=MASTER, pattern=r"^[a-z][a-z0-9_]{0,62}$")
    password: str | None = Field(
        default=None,
        repr=False,
        pattern=r"^[!#-&(-.0-?A-~]{8,128}$",
        description="a secret; RDS takes 8 to 128 characters, among them no space, slash, quotation mark or @",
    )


class AwsDatabaseModel(CloudDatabaseModel):
    """PostgreSQL on RDS; Amazon tells the server's certificate's authority on a page of its own only."""

    ca: Certificate = Field(
        description="PEM of RDS' authorities in the region: https://truststore.pki.rds.amazonaws.com/REGION/REGION-bundle.pem"
    )
    admin: AwsDatabaseAdmin = AwsDatabaseAdmin()


class AwsStackModel(InstallationModel):
    """All keys of a stack on AWS."""

    platform: Literal[Platform.EKS]
    aws: AwsModel
    database: AwsDatabaseModel


class MadeStackModel(ClusterModel):
    """A stack on a cloud once its cluster and database are made, as `Prerequisites` and `Release` get it."""

    platform: Literal[Platform.GKE, Platform.EKS]


Placed = StackModel | MadeStackModel
"""Cluster and database are known."""


Shape = type[StackModel | GoogleStackModel | AwsStackModel | MadeStackModel]


_ON_CLOUDS: dict[str, Shape] = {Platform.GKE.value: GoogleStackModel, Platform.EKS.value: AwsStackModel}


def stack_shape(values: Mapping[str, Any], *, made: bool) -> Shape:
    """The shape that the platform decides; `made` where the base of a cloud is made already."""
    of_cloud = _ON_CLOUDS.get(str(values.get("platform")))
    if of_cloud is None:
        return StackModel
    return MadeStackModel if made else of_cloud


SECRET_PATHS = (
    "masterkey",
    "cluster.kubeconfig",
    "database.password",
    "database.admin.password",
    "probes.mail.password",
    "probes.objectStore.secretAccessKey",
    "restorePoints.scratch.password",
)
"""Keys that may only be given as Pulumi secrets."""
