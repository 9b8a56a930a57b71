"""Reads `synchronous_standby_names`: how many standbys a commit waits for."""

import re

_COUNTED = re.compile(r"^(?:(?:FIRST|ANY)\s+)?(\d+)\s*\(", re.IGNORECASE)


def waited_for(setting: str) -> int:
    """The number of standbys; a plain list waits for the first of it, an empty setting for none.

    Source: postgresql.org/docs/current/runtime-config-replication.html#GUC-SYNCHRONOUS-STANDBY-NAMES.
    """
    text = setting.strip()
    counted = _COUNTED.match(text)
    if counted:
        return int(counted[1])
    return 1 if text else 0
