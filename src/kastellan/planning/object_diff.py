"""The difference between an object as it is and as the API server says it would be, field by field."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.planning.field_owners import owners_of
from kastellan.planning.field_path import Path, item_steps, look_up, text
from kastellan.planning.object_change import HIDDEN, FieldChange

_SERVERS_OWN = frozenset(
    {"managedFields", "resourceVersion", "generation", "creationTimestamp", "uid", "selfLink", "deletionTimestamp"}
)
"""Metadata that the server writes by itself."""
_LONGEST_VALUE = 300


def field_changes(live: Manifest, result: Manifest) -> tuple[FieldChange, ...]:
    """The fields in which two versions of one object differ, sorted by path; values of a Secret are hidden.

    Args:
        live: as it is, with `metadata.managedFields`.
        result: as it would be.
    """
    ref = ObjectRef.of(live)
    before, after = _comparable(live), _comparable(result)
    changes = [
        field_change(ref, live, path, look_up(before, path), look_up(after, path))
        for path in differing_paths(before, after)
    ]
    return tuple(sorted(changes, key=lambda change: change.path))


def field_change(ref: ObjectRef, live: Manifest, path: Path, before: Any, after: Any) -> FieldChange:
    """One field's change as it may be shown."""
    hidden = ref.kind == "Secret" and path[0] in ("data", "stringData")
    return FieldChange(
        path=text(path),
        before=_shown(before, hidden=hidden),
        after=_shown(after, hidden=hidden),
        owners=owners_of(live, path),
    )


def differing_paths(before: Any, after: Any, at: Path = ()) -> Iterator[Path]:
    """The shortest paths below which everything differs, or only one side has something."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys((*before, *after)):
            if before.get(key) != after.get(key):
                yield from differing_paths(before.get(key), after.get(key), (*at, key))
    elif isinstance(before, list) and isinstance(after, list) and (steps := item_steps(before, after)) is not None:
        for step in steps:
            old, new = look_up(before, (step,)), look_up(after, (step,))
            if old != new:
                yield from differing_paths(old, new, (*at, step))
        if not any(look_up(before, (step,)) != look_up(after, (step,)) for step in steps) and before != after:
            yield at  # only the order differs, which means something in some lists
    elif before != after:
        yield at


def _comparable(manifest: Manifest) -> Manifest:
    metadata = {key: value for key, value in manifest["metadata"].items() if key not in _SERVERS_OWN}
    return {**{key: value for key, value in manifest.items() if key != "status"}, "metadata": metadata}


def _shown(value: Any, *, hidden: bool) -> str | None:
    if value is None:
        return None
    if hidden:
        return HIDDEN
    compact = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return compact if len(compact) <= _LONGEST_VALUE else f"{compact[:_LONGEST_VALUE]}… ({len(compact)} characters)"
