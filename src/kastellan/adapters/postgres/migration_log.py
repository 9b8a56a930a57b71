"""The records of migrations in ZITADEL's eventstore; see `domain.migration_progress` for what they mean."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from kastellan.adapters.postgres.contents import connected
from kastellan.adapters.postgres.session import DatabaseAccess
from kastellan.adapters.postgres.translation import translated
from kastellan.domain.migration_progress import MigrationEvent

_NEWEST = """
    SELECT payload->>'name', event_type = 'system.migration.started', created_at FROM eventstore.events2
    WHERE aggregate_type = 'system' AND event_type LIKE 'system.migration.%' AND payload->>'name' IS NOT NULL
    ORDER BY position DESC LIMIT 500"""
"""More than two setups of v4.13.1 write (318 in the first, 52 in each later one)."""


@dataclass(frozen=True, slots=True)
class EventstoreMigrations:
    """Implements `ports.migration_log.MigrationLog`, as the installation's own role."""

    access: DatabaseAccess = field(repr=False)

    def newest(self) -> tuple[Sequence[MigrationEvent], datetime]:
        """See the port."""
        doing = f"reading the migrations of {self.access.name} at {self.access.host}:{self.access.port}"
        with connected(self.access) as session, translated(doing):
            session.execute("SET LOCAL statement_timeout = '5s'")
            rows = session.execute(_NEWEST).fetchall()
            (now,) = session.execute("SELECT clock_timestamp()").fetchone() or (datetime.now(UTC),)
        found = [MigrationEvent(step=step, began=began, at=at.astimezone(UTC)) for step, began, at in reversed(rows)]
        return found, now.astimezone(UTC)
