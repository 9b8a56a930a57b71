"""Who owns what in a live object, by the server's own record."""

from collections.abc import Iterator
from datetime import datetime

from kastellan.domain.kubernetes_object import Manifest
from kastellan.planning.field_path import Path, look_up, owned_paths, owns
from kastellan.planning.object_change import FieldOwner

OURS = "kastellan"
"""Our field manager; `adapters.kubernetes` applies under this name."""
_CONTROL_PLANE = frozenset(
    {"kube-controller-manager", "kube-scheduler", "kube-apiserver", "kubelet", "cloud-controller-manager"}
)
"""Kubernetes' own components: what they write follows from the objects and is nobody's decision."""
_DECIDED = ("spec", "data", "stringData", "rules", "metadata")
"""Top-level fields in which people decide something; `status` is not among them."""


def owners_of(live: Manifest, path: Path) -> tuple[FieldOwner, ...]:
    """Everybody who owns a field or something below it, newest first."""
    return _newest_first(_owner(entry) for entry in _entries(live) if owns(entry.get("fieldsV1") or {}, path))


def strangers(live: Manifest) -> tuple[FieldOwner, ...]:
    """All field managers but us and Kubernetes itself, newest first."""
    return _newest_first(_owner(entry) for entry in _entries(live) if _is_stranger(entry))


def is_foreign(owners: tuple[FieldOwner, ...]) -> bool:
    """Whether a field is owned, and not by us."""
    return bool(owners) and all(owner.manager != OURS for owner in owners)


def added_paths(live: Manifest, desired: Manifest) -> Iterator[Path]:
    """Fields that strangers set and we do not: what an apply of ours leaves standing.

    A Namespace has none: its labels and annotations are the cluster's business, and only those that we set are ours.
    A field that we want as well is not among them, though it may have passed into their hands: that is a change.
    """
    if live["kind"] == "Namespace":
        return
    ours = [entry.get("fieldsV1") or {} for entry in _entries(live) if entry.get("manager") == OURS]
    seen: set[Path] = set()
    for entry in _entries(live):
        if not _is_stranger(entry):
            continue
        for path in owned_paths(entry.get("fieldsV1") or {}):
            wanted = look_up(desired, path) is not None or any(owns(fields, path) for fields in ours)
            inside_another = any(path[:length] in seen for length in range(1, len(path) + 1))
            if path[0] in _DECIDED and not wanted and not inside_another:
                seen.add(path)
                yield path


def _entries(live: Manifest) -> list[Manifest]:
    entries = live["metadata"].get("managedFields") or ()
    return [entry for entry in entries if entry.get("subresource") != "status"]


def _is_stranger(entry: Manifest) -> bool:
    return entry.get("manager") != OURS and entry.get("manager") not in _CONTROL_PLANE


def _owner(entry: Manifest) -> FieldOwner:
    at = entry.get("time")
    return FieldOwner(
        manager=entry.get("manager", ""),
        operation=entry.get("operation", ""),
        at=datetime.fromisoformat(at) if at else None,
        subresource=entry.get("subresource", ""),
    )


def _newest_first(owners: Iterator[FieldOwner]) -> tuple[FieldOwner, ...]:
    return tuple(sorted(owners, key=lambda owner: owner.at.timestamp() if owner.at else 0.0, reverse=True))
