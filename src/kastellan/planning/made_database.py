"""What a stack says of the database that it makes itself: no session with a managed server can see these things."""

from kastellan.domain.google_base import BACKUP_DAYS, LOG_DAYS
from kastellan.domain.installation import Installation
from kastellan.domain.service_plan import Platform
from kastellan.preflight.database_facts import MadeDatabase

_CLOUD_SQL = MadeDatabase(
    standby="Cloud SQL with availability type REGIONAL: a standby in another zone, which takes over by itself",
    backups=f"Cloud SQL with daily backups, kept for {BACKUP_DAYS} days, and point-in-time recovery of {LOG_DAYS} days",
)
"""As `provision/gcp/database.py` makes it."""


def made_database(installation: Installation, host: str) -> MadeDatabase | None:
    """The statement; None where the customer brings the database, or where another one than the stack's is looked at.

    Args:
        installation: as its stack describes it.
        host: of the database that is looked at.
    """
    made = installation.platform is Platform.GKE and host == installation.database.host
    return _CLOUD_SQL if made else None
