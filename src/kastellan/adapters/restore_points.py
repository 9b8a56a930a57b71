"""The restore points that a stack describes."""

from typing import TYPE_CHECKING, Protocol

from kastellan.adapters.dump_storage.storage import DumpStorage
from kastellan.adapters.postgres.logical_dump import LogicalDumps
from kastellan.adapters.postgres.programs import PostgresPrograms
from kastellan.adapters.postgres.session import DatabaseAccess
from kastellan.config.stack import StackConfig
from kastellan.domain.errors import InvalidInputError
from kastellan.domain.restore_point import Retention
from kastellan.domain.restore_storage import Bucket, CloudSql, Folder, Rds, RestorePointSettings
from kastellan.ports.clock import Clock
from kastellan.ports.progress import Progress
from kastellan.ports.restore_points import RestorePoints

if TYPE_CHECKING:
    from kastellan.adapters.cloud_sql.backups import CloudSqlBackups
    from kastellan.adapters.rds.snapshots import RdsSnapshots


class RestorePointsOfStack(RestorePoints, Protocol):
    """What a command tells of them besides."""

    @property
    def scratch_place(self) -> str:
        """Where drills restore, for people."""
        ...


def restore_points_of(stack: StackConfig, *, programs: str, clock: Clock, progress: Progress) -> RestorePointsOfStack:
    """The restore points of a stack whose secrets were read.

    Args:
        stack: whose.
        programs: folder of `pg_dump` and `pg_restore`; empty for PATH.
        clock: for budgets and durations.
        progress: told while something lasts.

    Raises:
        InvalidInputError: the stack names no place for them, or its secrets are sealed.
        NotFoundError: a program is missing.
        UnauthenticatedError: Google's backups are wanted, and there is no credential for it; Amazon's are asked for
            with the first question.
    """
    settings, database = stack.restore_points, DatabaseAccess.of(stack)
    name = stack.installation.name
    if settings is None:
        raise InvalidInputError(
            f"stack {name} has no installation:restorePoints, so it has no restore points (DI-7); "
            "stacks/Pulumi.example.yaml shows how to name a directory or a bucket"
        )
    if database is None:
        raise InvalidInputError(f"the secrets of stack {name} could not be read")
    if isinstance(settings.storage, CloudSql):
        return _cloud_sql(settings.storage, settings.retention, name, database, clock, progress)
    if isinstance(settings.storage, Rds):
        return _rds(settings.storage, settings.retention, name, database, clock, progress)
    return LogicalDumps(
        name,
        database,
        _scratch(stack, settings, database),
        _storage(settings.storage, name, progress),
        retention=settings.retention,
        programs=PostgresPrograms(programs),
        clock=clock,
        progress=progress,
    )


def _cloud_sql(
    where: CloudSql,
    retention: Retention,
    installation: str,
    database: DatabaseAccess,
    clock: Clock,
    progress: Progress,
) -> "CloudSqlBackups":
    from kastellan.adapters.cloud_sql.admin_api import SqlAdmin
    from kastellan.adapters.cloud_sql.backups import CloudSqlBackups
    from kastellan.adapters.google_identity import CLOUD_SQL, access_tokens

    return CloudSqlBackups(
        installation,
        project=where.project,
        instance=where.instance,
        database=database,
        admin=SqlAdmin(where.project, access_tokens(CLOUD_SQL), clock),
        retention=retention,
        clock=clock,
        progress=progress,
    )


def _rds(
    where: Rds, retention: Retention, installation: str, database: DatabaseAccess, clock: Clock, progress: Progress
) -> "RdsSnapshots":
    from kastellan.adapters.aws.account import AwsAccount
    from kastellan.adapters.rds.instances import RdsInstances
    from kastellan.adapters.rds.snapshots import RdsSnapshots

    return RdsSnapshots(
        installation,
        instance=where.instance,
        database=database,
        rds=RdsInstances(AwsAccount(where.account, where.region), clock),
        retention=retention,
        clock=clock,
        progress=progress,
    )


def _storage(storage: Folder | Bucket, installation: str, progress: Progress) -> DumpStorage:
    match storage:
        case Folder(path=path):
            from kastellan.adapters.dump_storage.folder import FolderStorage

            return FolderStorage(path, installation)
        case Bucket() as bucket:
            from kastellan.adapters.dump_storage.bucket import BucketStorage, s3_client

            return BucketStorage(s3_client(bucket), bucket, installation, progress)


def _scratch(stack: StackConfig, settings: RestorePointSettings, own: DatabaseAccess) -> DatabaseAccess:
    """The server of drills; without one of its own the installation's, by its administrator where there is one."""
    scratch = settings.scratch
    if scratch is not None:
        return DatabaseAccess(
            host=scratch.host,
            port=scratch.port,
            name=scratch.maintenance_database,
            user=scratch.user,
            password=stack.secrets.scratch_password if stack.secrets else "",
            ca=scratch.ca,
        )
    return DatabaseAccess(
        host=own.host,
        port=own.port,
        name="postgres" if own.admin_user else own.name,
        user=own.admin_user or own.user,
        password=own.admin_password if own.admin_user else own.password,
        ca=own.ca,
    )
