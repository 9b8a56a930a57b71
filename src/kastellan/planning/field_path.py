"""Paths into an object: how a difference is named for people, and how the server's record of owners is followed.

The record is FieldsV1 (`metadata.managedFields`): a tree whose keys are `f:NAME` for a field, `k:{…}` for the item of
a list that has these key fields, `v:…` for a value of a set (kubernetes.io, "Server-Side Apply", "Field management").
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_KEYS = (
    ("containerPort", "protocol"),
    ("port", "protocol"),
    ("mountPath",),
    ("topologyKey", "whenUnsatisfiable"),
    ("name",),
    ("key",),
    ("type",),
    ("ip",),
)
"""Fields by which the lists of our kinds are keyed (`x-kubernetes-list-map-keys` of their schemas)."""


@dataclass(frozen=True, slots=True)
class ListItem:
    """A step into a list of objects: the item that has these key fields."""

    keys: tuple[tuple[str, Any], ...]

    def fits(self, item: object) -> bool:
        """Whether an item is the one that is meant."""
        return isinstance(item, Mapping) and all(item.get(key) == value for key, value in self.keys)

    def __str__(self) -> str:
        return "[" + ",".join(f"{key}={value}" for key, value in self.keys) + "]"


@dataclass(frozen=True, slots=True)
class SetValue:
    """A step to a value of a set, kept as JSON text."""

    text: str

    def __str__(self) -> str:
        return f"[={self.text}]"


Step = str | int | ListItem | SetValue
Path = tuple[Step, ...]


def text(path: Path) -> str:
    """The path as people write it: `spec.template.spec.containers[name=zitadel].image`."""
    written = ""
    for step in path:
        match step:
            case str() if "." in step or "/" in step:
                written += f"[{step}]"
            case str():
                written += f".{step}" if written else step
            case int():
                written += f"[{step}]"
            case _:
                written += str(step)
    return written


def item_steps(*lists: Sequence[Any]) -> list[ListItem] | None:
    """Steps to the items of a list in all its versions, in order, each once; None where nothing keys them."""
    items = [item for version in lists for item in version]
    if not items or not all(isinstance(item, Mapping) for item in items):
        return None
    for names in _KEYS:
        if all(all(name in item for name in names) for item in items):
            steps = [[ListItem(tuple((name, item[name]) for name in names)) for item in version] for version in lists]
            if all(len(set(version)) == len(version) for version in steps):
                return list(dict.fromkeys(step for version in steps for step in version))
    return None


def look_up(value: Any, path: Path) -> Any:
    """The value at a path, or None where there is none."""
    for step in path:
        match step:
            case str():
                value = value.get(step) if isinstance(value, Mapping) else None
            case int():
                value = value[step] if isinstance(value, list) and step < len(value) else None
            case ListItem():
                value = next((item for item in value if step.fits(item)), None) if isinstance(value, list) else None
            case SetValue():
                found = isinstance(value, list) and json.loads(step.text) in value
                value = json.loads(step.text) if found else None
        if value is None:
            return None
    return value


def remove(value: Any, path: Path) -> None:
    """Take out what is at a path; nothing happens where there is nothing."""
    parent, last = look_up(value, path[:-1]), path[-1]
    match last:
        case str() if isinstance(parent, dict):
            parent.pop(last, None)
        case ListItem() if isinstance(parent, list):
            parent[:] = [item for item in parent if not last.fits(item)]
        case SetValue() if isinstance(parent, list):
            parent[:] = [item for item in parent if item != json.loads(last.text)]
        case _:
            return


def owned_paths(fields: Mapping[str, Any], at: Path = ()) -> Iterator[Path]:
    """All leaf paths of a FieldsV1 tree, and before them the list items that are owned as such (their `.`)."""
    for key, inner in fields.items():
        if key == ".":
            continue
        path = (*at, _step(key))
        below = {name: tree for name, tree in inner.items() if name != "."}
        if not below or (len(below) < len(inner) and isinstance(path[-1], ListItem)):
            yield path
        if below:
            yield from owned_paths(below, path)


def owns(fields: Mapping[str, Any], path: Path) -> bool:
    """Whether a FieldsV1 tree owns a path, something below it, or a whole (atomic) field that it lies in."""
    current: Mapping[str, Any] = fields
    for step in path:
        following = next((tree for key, tree in current.items() if key != "." and _same(_step(key), step)), None)
        if following is None:
            return False
        if not following:
            return True
        current = following
    return True


def _step(key: str) -> Step:
    kind, _, rest = key.partition(":")
    match kind:
        case "f":
            return rest
        case "k":
            return ListItem(tuple(sorted(json.loads(rest).items())))
        case "v":
            return SetValue(rest)
        case _:
            return int(rest)


def _same(owned: Step, wanted: Step) -> bool:
    if isinstance(owned, ListItem) and isinstance(wanted, ListItem):
        # The server may key a list by other fields than we do; they mean the same item where all shared keys agree.
        shared = dict(owned.keys).keys() & dict(wanted.keys).keys()
        return bool(shared) and all(dict(owned.keys)[key] == dict(wanted.keys)[key] for key in shared)
    return owned == wanted
