"""What the database of an installation records of its migrations."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from kastellan.domain.migration_progress import MigrationEvent


class MigrationLog(Protocol):
    """Reads the records of one database."""

    def newest(self) -> tuple[Sequence[MigrationEvent], datetime]:
        """The newest events of migrations, oldest first, and the database's own time (UTC); changes nothing.

        Raises:
            TemporaryError, PermanentError: they cannot be read from here, or there are none yet.
        """
        ...
