"""Where the restore points of an installation lie, and where drills restore them: a part of its description (DI-7)."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from kastellan.domain.restore_point import Retention


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder of this machine, or one that is mounted on it."""

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A bucket of Amazon S3, or of a store that speaks its protocol.

    Attributes:
        name: of the bucket.
        endpoint: URL of the store; empty for Amazon's.
        region: empty for what the environment says.
        prefix: put before every name.
    """

    name: str
    endpoint: str = ""
    region: str = ""
    prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudSql:
    """No dumps: backups that Google Cloud SQL makes of the installation's own instance.

    Attributes:
        project: id of the project.
        instance: name of the instance.
    """

    project: str
    instance: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rds:
    """No dumps: snapshots that Amazon RDS makes of the installation's own instance.

    Attributes:
        account: number of the account; no other is asked.
        region: of the instance.
        instance: its identifier.
    """

    account: str
    region: str
    instance: str


Storage: TypeAlias = Folder | Bucket | CloudSql | Rds


@dataclass(frozen=True, slots=True, kw_only=True)
class ScratchServer:
    """A PostgreSQL server for drills; TLS is verified in full.

    Attributes:
        host: name or address, as in its certificate.
        port: TCP port.
        user: a role that may create databases.
        ca: PEM of the authorities that may sign its certificate.
        maintenance_database: one that exists, to connect to while the scratch database is made.
    """

    host: str
    port: int = 5432
    user: str
    ca: str
    maintenance_database: str = "postgres"


@dataclass(frozen=True, slots=True, kw_only=True)
class RestorePointSettings:
    """All of it.

    Attributes:
        storage: where dumps lie, or what makes backups instead.
        retention: how long.
        scratch: where drills restore; None for the installation's own server, or the cloud's own way.
    """

    storage: Storage
    retention: Retention = field(default_factory=Retention)
    scratch: ScratchServer | None = None
