"""What a restore point says of itself, in the tags of its snapshot: RDS keeps nothing else of ours with it.

Source of the limits (50 tags, 256 characters, which ones):
docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Tagging.html; of identifiers: API_CreateDBSnapshot.html of the API.
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kastellan.domain.ledger import utc_instant, utc_text
from kastellan.domain.restore_point import EventMark, RestorePoint
from kastellan.domain.version import Version

_OURS = "kastellan:"
_ROWS = f"{_OURS}rows:"
_SCHEMA = "1"
_GIB = 1 << 30


def snapshot_identifier(installation: str, key: str) -> str:
    """The one name of a restore point's snapshot, so that Amazon itself refuses a second one.

    At most 255 letters, digits and single dashes; what a key has besides becomes a dash, and a hash keeps keys apart.
    """
    told = re.sub(r"[^a-z0-9]+", "-", f"{installation}-{key}".lower()).strip("-")
    apart = hashlib.sha256(f"{installation}/{key}".encode()).hexdigest()[:8]
    return f"kastellan-{told[:180].rstrip('-')}-{apart}"


def tags_of(point: RestorePoint) -> list[dict[str, str]]:
    """The tags of the snapshot that is about to be made."""
    event = point.newest_event
    told = {
        "schema": _SCHEMA,
        "installation": point.installation,
        "key": point.key,
        "at": utc_text(point.at),
        "server": str(point.server_version),
        "version": str(point.version) if point.version else "",
        "event": f"{event.position} {event.at.isoformat()}" if event else "",
    }
    told |= {f"rows:{table}": str(count) for table, count in point.rows.items()}
    own = [{"Key": f"{_OURS}{key}", "Value": value} for key, value in told.items()]
    return [*own, {"Key": "installation", "Value": point.installation}]


def point_of(snapshot: Mapping[str, Any]) -> RestorePoint | None:
    """The restore point that a snapshot is; None where it is none of ours, or of a newer kastellan."""
    tags = {one["Key"]: one["Value"] for one in snapshot.get("TagList", ())}
    found = {key.removeprefix(_OURS): value for key, value in tags.items() if key.startswith(_OURS)}
    if found.get("schema") != _SCHEMA:
        return None
    try:
        position, _, at = found["event"].partition(" ")
        return RestorePoint(
            installation=found["installation"],
            key=found["key"],
            at=utc_instant(found["at"]),
            size=int(snapshot.get("AllocatedStorage") or 0) * _GIB,
            digest="",
            server_version=int(found["server"]),
            version=Version.parse(found["version"]) if found["version"] else None,
            newest_event=EventMark(position=position, at=datetime.fromisoformat(at)) if at else None,
            rows={key.removeprefix(_ROWS): int(count) for key, count in tags.items() if key.startswith(_ROWS)},
            exact=False,
        )
    except (ValueError, KeyError):
        return None
