"""The provider's view of the database that a stack names, where there is one."""

from kastellan.domain.restore_storage import CloudSql, RestorePointSettings
from kastellan.ports.clock import Clock
from kastellan.ports.managed_database import ManagedDatabase


def managed_database_of(settings: RestorePointSettings | None, clock: Clock) -> ManagedDatabase | None:
    """What may be asked about the database; None where the stack names no provider's instance.

    Nothing is asked yet, and no credential is looked for.
    """
    if settings is None or not isinstance(settings.storage, CloudSql):
        return None
    from kastellan.adapters.cloud_sql.admin_api import SqlAdmin
    from kastellan.adapters.cloud_sql.description import CloudSqlDescription
    from kastellan.adapters.google_identity import CLOUD_SQL, access_tokens

    where = settings.storage
    return CloudSqlDescription(lambda: SqlAdmin(where.project, access_tokens(CLOUD_SQL), clock), where.instance, clock)
