"""The restore points that a stack describes."""

from kastellan.adapters.dump_storage.storage import DumpStorage
from kastellan.adapters.postgres.database_facts import DatabaseAccess
from kastellan.adapters.postgres.logical_dump import LogicalDumps
from kastellan.adapters.postgres.programs import PostgresPrograms
from kastellan.config.stack import StackConfig
from kastellan.domain.errors import InvalidInputError
from kastellan.domain.restore_storage import Bucket, Folder, RestorePointSettings
from kastellan.ports.clock import Clock
from kastellan.ports.progress import Progress


def restore_points_of(stack: StackConfig, *, programs: str, clock: Clock, progress: Progress) -> LogicalDumps:
    """The restore points of a stack whose secrets were read.

    Args:
        stack: whose.
        programs: folder of `pg_dump` and `pg_restore`; empty for PATH.
        clock: for budgets and durations.
        progress: told while something lasts.

    Raises:
        InvalidInputError: the stack names no place for them, or its secrets are sealed.
        NotFoundError: a program is missing.
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
    return LogicalDumps(
        name,
        database,
        _scratch(stack, settings, database),
        _storage(settings, name, progress),
        retention=settings.retention,
        programs=PostgresPrograms(programs),
        clock=clock,
        progress=progress,
    )


def _storage(settings: RestorePointSettings, installation: str, progress: Progress) -> DumpStorage:
    match settings.storage:
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
