"""What a database holds, as far as a cloud's backup of it is compared."""

from typing import NamedTuple

from kastellan.adapters.postgres.contents import COUNT_SECONDS, connected, event_rows, newest_event
from kastellan.adapters.postgres.session import DatabaseAccess
from kastellan.domain.restore_point import EventMark


class Held(NamedTuple):
    """What a database holds, as far as it is compared.

    Attributes:
        server_version: as `server_version_num`.
        newest_event: None where there is none.
        rows: of the event store's tables; the rest follows from them.
    """

    server_version: int
    newest_event: EventMark | None
    rows: dict[str, int]


def held_by(database: DatabaseAccess) -> Held:
    """Ask a database, in one snapshot."""
    with connected(database, answer_seconds=COUNT_SECONDS) as session:
        return Held(session.info.server_version, newest_event(session), event_rows(session))
