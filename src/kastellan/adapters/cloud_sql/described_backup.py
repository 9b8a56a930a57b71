"""What a restore point says of itself, in the description of its backup: Google keeps nothing else of ours with it."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kastellan.domain.ledger import utc_instant, utc_text
from kastellan.domain.restore_point import EventMark, RestorePoint
from kastellan.domain.version import Version

_MARK = "kastellan"
_SCHEMA = 1


def text_of(point: RestorePoint) -> str:
    """The description of the backup that is about to be made; short, and on one line."""
    event = point.newest_event
    document = {
        _MARK: _SCHEMA,
        "installation": point.installation,
        "key": point.key,
        "at": utc_text(point.at),
        "server": point.server_version,
        "version": str(point.version) if point.version else None,
        "event": [event.position, event.at.isoformat()] if event else None,
        "rows": dict(point.rows),
    }
    return json.dumps(document, separators=(",", ":"))


def point_of(backup: Mapping[str, Any]) -> RestorePoint | None:
    """The restore point that a backup run is; None where it is none of ours, or of a newer kastellan."""
    try:
        found = json.loads(backup.get("description") or "null")
        if found[_MARK] != _SCHEMA:
            return None
        event = found["event"]
        return RestorePoint(
            installation=found["installation"],
            key=found["key"],
            at=utc_instant(found["at"]),
            size=int(backup.get("maxChargeableBytes") or 0),
            digest="",
            server_version=int(found["server"]),
            version=Version.parse(found["version"]) if found["version"] else None,
            newest_event=EventMark(position=event[0], at=datetime.fromisoformat(event[1])) if event else None,
            rows={str(table): int(count) for table, count in found["rows"].items()},
            exact=False,
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
