"""The shape of `installation:restorePoints`: where they lie, how long, and where drills restore them (DI-7)."""

from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, field_validator, model_validator

from kastellan.config.contract_model import Duration
from kastellan.config.fields import Certificate, ConfigModel, Port
from kastellan.domain.restore_point import Retention
from kastellan.domain.restore_storage import Bucket, CloudSql, Folder, Rds, RestorePointSettings, ScratchServer, Storage


class ScratchModel(ConfigModel):
    """A PostgreSQL server for drills, so that they do not load the installation's own."""

    host: str = Field(min_length=1, description="name or address, as in the server's certificate")
    port: Port = 5432
    user: str = Field(min_length=1, description="a role that may create databases")
    password: str | None = Field(default=None, repr=False, description="a secret")
    ca: Certificate = Field(description="PEM of the authority that signed the server's certificate")
    maintenance_database: str = Field(default="postgres", min_length=1, description="one that exists")


class CloudSqlModel(ConfigModel):
    """The instance of Google Cloud SQL that has the database; on platform gke PROJECT and STACK-db."""

    project: str = Field(pattern=r"^[a-z][a-z0-9-]{4,28}[a-z0-9]$")
    instance: str = Field(pattern=r"^[a-z]([-a-z0-9]{0,83}[a-z0-9])?$")


class RdsModel(ConfigModel):
    """The instance of Amazon RDS that has the database; on platform eks ACCOUNT, REGION and STACK-db."""

    account: str = Field(pattern=r"^\d{12}$", description="number of the account; no other is asked")
    region: str = Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$", description="of the instance, such as eu-central-2")
    instance: str = Field(pattern=r"^[a-z](-?[a-z0-9]){0,62}$", description="its identifier; no cluster")


class RestorePointsModel(ConfigModel):
    """A directory, a bucket, or a cloud's own backups."""

    directory: Path | None = Field(default=None, description="folder of the dumps; relative ones lie in the project")
    bucket: str = Field(default="", description="of Amazon S3 or a store that speaks its protocol")
    endpoint: str = Field(default="", description="URL of the store, where it is not Amazon's")
    cloud_sql: CloudSqlModel | None = Field(default=None, description="backups of Google Cloud SQL instead of dumps")
    rds: RdsModel | None = Field(default=None, description="snapshots of Amazon RDS instead of dumps")
    region: str = ""
    prefix: str = Field(default="", description="put before every name in the bucket")
    age: Duration = Field(default=timedelta(days=90), gt=timedelta(), description="how long one is kept, such as 90d")
    keep: int = Field(default=3, ge=1, description="so many of the newest are kept, whatever their age")
    scratch: ScratchModel | None = Field(default=None, description="where drills restore; else the own server")

    @field_validator("endpoint")
    @classmethod
    def _encrypted(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (not parts.hostname or not (parts.scheme == "https" or _on_this_machine(parts))):
            raise ValueError("write an https:// URL: dumps hold personal data (annex: strict TLS)")
        return value

    @model_validator(mode="after")
    def _one_place(self) -> "RestorePointsModel":
        if sum(map(bool, (self.directory, self.bucket, self.cloud_sql, self.rds))) != 1:
            raise ValueError("name either a directory, a bucket, cloudSql or rds")
        if not self.bucket and (self.endpoint or self.region or self.prefix):
            raise ValueError("endpoint, region and prefix belong to a bucket")
        if (self.cloud_sql or self.rds) and self.scratch:
            raise ValueError("a drill with a cloud's backup makes an instance of its own: remove scratch")
        return self

    def settings(self, folder: Path) -> RestorePointSettings:
        """The domain's value; paths are relative to `folder`."""
        scratch = self.scratch
        return RestorePointSettings(
            storage=self._storage(folder),
            retention=Retention(age=self.age, keep=self.keep),
            scratch=ScratchServer(
                host=scratch.host,
                port=scratch.port,
                user=scratch.user,
                ca=scratch.ca,
                maintenance_database=scratch.maintenance_database,
            )
            if scratch
            else None,
        )

    def _storage(self, folder: Path) -> Storage:
        if self.cloud_sql:
            return CloudSql(**self.cloud_sql.model_dump())
        if self.rds:
            return Rds(**self.rds.model_dump())
        if self.directory:
            return Folder(path=folder / self.directory.expanduser())
        return Bucket(name=self.bucket, endpoint=self.endpoint, region=self.region, prefix=self.prefix)


def _on_this_machine(parts: SplitResult) -> bool:
    try:
        return parts.scheme == "http" and ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
