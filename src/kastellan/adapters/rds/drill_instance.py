"""An instance that exists for the length of a drill: a snapshot restored beside the real one, in one zone."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from kastellan.adapters.rds.instances import RdsInstances
from kastellan.domain.errors import ConflictError

_TAG = "kastellan:drill-of"
"""Every drill's instance has it, with the name of the real one; nothing without it is ever deleted."""


@contextmanager
def drill_instance(
    rds: RdsInstances,
    source: str,
    snapshot: str,
    *,
    now: datetime,
    patience: timedelta,
    ready: Callable[[str], None],
    gone: Callable[[str], None],
) -> Iterator[str]:
    """Restore a snapshot into a new instance, and delete that at the end, whatever happens in between.

    What a killed drill left is known by its tag and its age: a younger one may be somebody's at work.

    Args:
        rds: the API.
        source: the instance that is drilled for.
        snapshot: what is restored.
        now: the instant (UTC).
        patience: how long a drill may last; what is older was left.
        ready: waits until an instance can be asked.
        gone: waits until an instance is no more.

    Raises:
        ConflictError: another drill goes on, or was killed lately.
    """
    for left in list(rds.instances()):
        if {"Key": _TAG, "Value": source} not in left.get("TagList", ()):
            continue
        name, since = left["DBInstanceIdentifier"], left.get("InstanceCreateTime")
        if left.get("DBInstanceStatus") != "deleting":
            if since is None or now - since < patience:
                raise ConflictError(
                    f"another drill uses {name} since {since or 'now'}",
                    remediation="wait for its end; if nobody drills, aws rds delete-db-instance --skip-final-snapshot "
                    f"--db-instance-identifier {name}",
                )
            rds.begin_removal(name)
        gone(name)
    name = f"{source[:40].rstrip('-')}-drill-{now:%Y%m%d%H%M%S}"
    rds.begin_restore(snapshot, _copied(rds.instance(source), source, name))
    try:
        ready(name)
        yield name
    finally:
        rds.begin_removal(name)
        gone(name)


def _copied(real: Mapping[str, Any], source: str, name: str) -> dict[str, Any]:
    """Where and how the real one stands, but in one zone and without protection; disk and key are the snapshot's."""
    return {
        "DBInstanceIdentifier": name,
        "DBInstanceClass": real["DBInstanceClass"],
        "DBSubnetGroupName": real["DBSubnetGroup"]["DBSubnetGroupName"],
        "VpcSecurityGroupIds": [group["VpcSecurityGroupId"] for group in real["VpcSecurityGroups"]],
        "DBParameterGroupName": real["DBParameterGroups"][0]["DBParameterGroupName"],
        "CACertificateIdentifier": real["CACertificateIdentifier"],
        "MultiAZ": False,
        "PubliclyAccessible": False,
        "DeletionProtection": False,
        "AutoMinorVersionUpgrade": False,
        "CopyTagsToSnapshot": False,
        "Tags": [{"Key": _TAG, "Value": source}],
    }
