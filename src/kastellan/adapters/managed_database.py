"""The provider's view of the database that a stack names, where there is one."""

from kastellan.domain.restore_storage import CloudSql, Rds, RestorePointSettings
from kastellan.ports.clock import Clock
from kastellan.ports.managed_database import ManagedDatabase


def managed_database_of(settings: RestorePointSettings | None, clock: Clock) -> ManagedDatabase | None:
    """What may be asked about the database; None where the stack names no provider's instance.

    Nothing is asked yet, and no credential is looked for.
    """
    match settings.storage if settings else None:
        case CloudSql() as where:
            from kastellan.adapters.cloud_sql.admin_api import SqlAdmin
            from kastellan.adapters.cloud_sql.description import CloudSqlDescription
            from kastellan.adapters.google_identity import CLOUD_SQL, access_tokens

            return CloudSqlDescription(
                lambda: SqlAdmin(where.project, access_tokens(CLOUD_SQL), clock), where.instance, clock
            )
        case Rds() as place:
            from kastellan.adapters.aws.account import AwsAccount
            from kastellan.adapters.rds.description import RdsDescription

            return RdsDescription(AwsAccount(place.account, place.region, attempts=1), place.instance, clock)
        case _:
            return None
