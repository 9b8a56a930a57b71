"""Where inputs differ from a state, property by property: what a preview shows, and what the maintenance run judges."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pulumi.provider.experimental.provider import PropertyDiff, PropertyDiffKind


def detailed_diff(old: Mapping[str, Any], new: Mapping[str, Any], names: Iterable[str]) -> dict[str, PropertyDiff]:
    """Differences of the named inputs by path, such as `configuration.database.host`.

    A mapping is told by its leaves, a list as a whole. An input that is named and looks the same is told all the same:
    whoever named it had a reason.
    """
    found: dict[str, PropertyDiff] = {}
    for name in names:
        paths = list(_differences(name, old.get(name), new.get(name))) or [(name, PropertyDiffKind.UPDATE)]
        found.update({path: PropertyDiff(kind, input_diff=True) for path, kind in paths})
    return found


def _differences(path: str, old: Any, new: Any) -> Iterator[tuple[str, PropertyDiffKind]]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted(old.keys() | new.keys()):
            yield from _differences(f"{path}.{key}", old.get(key), new.get(key))
    elif old != new:
        kind = PropertyDiffKind.UPDATE
        if old is None or new is None:
            kind = PropertyDiffKind.ADD if old is None else PropertyDiffKind.DELETE
        yield path, kind
