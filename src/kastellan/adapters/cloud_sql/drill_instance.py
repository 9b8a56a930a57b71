"""An instance that exists for the length of a drill, as small a copy of the real one as a restore allows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from kastellan.adapters.cloud_sql.admin_api import SqlAdmin
from kastellan.domain.errors import ConflictError

_LABEL = "kastellan-drill-of"
"""Every drill's instance has it, with the name of the real one; nothing without it is ever deleted."""


@contextmanager
def drill_instance(
    admin: SqlAdmin, source: str, *, now: datetime, patience: timedelta, wait: Callable[[dict[str, Any]], None]
) -> Iterator[str]:
    """Make an empty instance beside another one, and delete it at the end, whatever happens in between.

    A name of a deleted instance stays taken for a week, so each has a new one. What a killed drill left is known by its
    label and its age: a younger one may be somebody's at work.

    Args:
        admin: the API.
        source: the instance that is drilled for.
        now: the instant (UTC).
        patience: how long a drill may last; what is older was left.
        wait: waits for an operation.

    Raises:
        ConflictError: another drill goes on, or was killed lately.
    """
    for left in list(admin.instances()):
        if left.get("settings", {}).get("userLabels", {}).get(_LABEL) != source:
            continue
        if now - datetime.fromisoformat(left["createTime"]) < patience:
            raise ConflictError(
                f"another drill uses {left['name']} since {left['createTime']}",
                remediation=f"wait for its end; if nobody drills, gcloud sql instances delete {left['name']}",
            )
        wait(admin.delete_instance(left["name"]))
    name = f"{source}-drill-{now:%Y%m%d%H%M%S}"
    begun = admin.make_instance(_copied(admin.instance(source), source, name))
    try:
        wait(begun)
        yield name
    finally:
        wait(admin.delete_instance(name))


def _copied(real: dict[str, Any], source: str, name: str) -> dict[str, Any]:
    """As small as a restore allows: the disk no smaller, in one zone, without backups of its own."""
    settings = real["settings"]
    kept = ("tier", "edition", "dataDiskType", "dataDiskSizeGb", "databaseFlags")
    network = ("ipv4Enabled", "privateNetwork", "sslMode", "serverCaMode")
    body: dict[str, Any] = {
        "name": name,
        "region": real["region"],
        "databaseVersion": real["databaseVersion"],
        "settings": {
            **{key: settings[key] for key in kept if key in settings},
            "availabilityType": "ZONAL",
            "backupConfiguration": {"enabled": False},
            "deletionProtectionEnabled": False,
            "ipConfiguration": {key: value for key, value in settings["ipConfiguration"].items() if key in network},
            "userLabels": {_LABEL: source},
        },
    }
    key = (real.get("diskEncryptionConfiguration") or {}).get("kmsKeyName")
    return body | ({"diskEncryptionConfiguration": {"kmsKeyName": key}} if key else {})
