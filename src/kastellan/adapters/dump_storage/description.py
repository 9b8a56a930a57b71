"""The description of a restore point as a JSON file that lies beside its dump."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import rfc8785

from kastellan.domain.errors import StuckError
from kastellan.domain.ledger import utc_instant, utc_text
from kastellan.domain.restore_point import EventMark, RestorePoint
from kastellan.domain.version import Version

_SCHEMA = 1


def description(point: RestorePoint) -> bytes:
    """The description as canonical JSON."""
    return rfc8785.dumps(document(point)) + b"\n"


def document(point: RestorePoint) -> dict[str, Any]:
    """The description, for JSON output."""
    event = point.newest_event
    return {
        "schemaVersion": _SCHEMA,
        "kind": "RestorePoint",
        "installation": point.installation,
        "key": point.key,
        "at": utc_text(point.at),
        "size": point.size,
        "digest": f"sha256:{point.digest}" if point.digest else "",
        "serverVersion": point.server_version,
        "version": str(point.version) if point.version else None,
        "newestEvent": {"position": event.position, "at": event.at.isoformat()} if event else None,
        "rows": dict(point.rows),
    }


def read_description(content: bytes, *, where: str) -> RestorePoint:
    """Read what `description` wrote.

    Raises:
        StuckError: it is none, or of a newer kastellan.
    """
    try:
        found = json.loads(content)
        if found["schemaVersion"] != _SCHEMA:
            raise ValueError(f"schema version {found['schemaVersion']}")
        return _point(found)
    except (ValueError, KeyError, TypeError, AttributeError) as cause:
        raise StuckError(
            f"{where} is no description of a restore point ({type(cause).__name__})",
            remediation="take it away together with its dump, or update kastellan if a newer one wrote it",
        ) from cause


def _point(found: Mapping[str, Any]) -> RestorePoint:
    event = found["newestEvent"]
    return RestorePoint(
        installation=found["installation"],
        key=found["key"],
        at=utc_instant(found["at"]),
        size=int(found["size"]),
        digest=found["digest"].removeprefix("sha256:"),
        server_version=int(found["serverVersion"]),
        version=Version.parse(found["version"]) if found["version"] else None,
        newest_event=EventMark(position=event["position"], at=datetime.fromisoformat(event["at"])) if event else None,
        rows={str(table): int(count) for table, count in found["rows"].items()},
    )
