"""What a stack says of the database that it makes itself: no session with a managed server can see these things."""

from kastellan.domain import aws_base
from kastellan.domain.google_base import BACKUP_DAYS, LOG_DAYS
from kastellan.domain.installation import Installation
from kastellan.domain.service_plan import Platform
from kastellan.preflight.database_facts import MadeDatabase

_MADE = {
    Platform.GKE: MadeDatabase(
        standby="Cloud SQL with availability type REGIONAL: a standby in another zone, which takes over by itself",
        backups=f"Cloud SQL with daily backups, kept for {BACKUP_DAYS} days, and point-in-time recovery of "
        f"{LOG_DAYS} days",
    ),
    Platform.EKS: MadeDatabase(
        standby="RDS in a Multi-AZ deployment: a standby in another zone, which takes over by itself",
        backups=f"RDS with automated daily backups and point-in-time recovery of {aws_base.BACKUP_DAYS} days",
    ),
}
"""As the components of `provision/` make it."""


def made_database(installation: Installation, host: str) -> MadeDatabase | None:
    """The statement; None where the customer brings the database, or where another one than the stack's is looked at.

    Args:
        installation: as its stack describes it.
        host: of the database that is looked at.
    """
    return _MADE.get(installation.platform) if host == installation.database.host else None
