"""Between Pulumi's property values and plain data."""

from collections.abc import Iterable, Mapping
from typing import Any

from pulumi.provider.experimental.property_value import Computed, PropertyValue
from pulumi.runtime import rpc

Properties = dict[str, PropertyValue]


class UnknownInputError(Exception):
    """An input is not known yet: a preview, before what it comes from was made."""


def plain(value: PropertyValue) -> Any:
    """Plain data, without marks of secrecy; whole numbers are integers.

    Raises:
        UnknownInputError: it, or something in it, is not known yet.
    """
    held = value.value
    if isinstance(held, Computed) or held == rpc.UNKNOWN:
        raise UnknownInputError
    if isinstance(held, Mapping):
        return {key: plain(inner) for key, inner in held.items()}
    if isinstance(held, tuple | list):
        return [plain(inner) for inner in held]
    if isinstance(held, float) and held.is_integer():
        return int(held)
    return held


def plain_map(properties: Mapping[str, PropertyValue]) -> dict[str, Any]:
    """Plain data of all properties; see `plain`."""
    return {name: plain(value) for name, value in properties.items()}


def wrapped(value: Any, *, secret_paths: Iterable[str] = ()) -> PropertyValue:
    """A property value; what lies at a secret path (dotted) is marked as a secret, so that the engine encrypts it."""
    paths = set(secret_paths)
    if isinstance(value, PropertyValue):
        return value
    if isinstance(value, Mapping):
        held = PropertyValue(wrapped_items(value, secret_paths=paths))
    elif isinstance(value, list | tuple):
        held = PropertyValue([wrapped(item) for item in value])
    elif isinstance(value, int) and not isinstance(value, bool):
        held = PropertyValue(float(value))
    else:
        held = PropertyValue(value)
    return held.with_secret(True) if "" in paths else held


def wrapped_items(values: Mapping[str, Any], *, secret_paths: Iterable[str] = ()) -> Properties:
    """Property values of all items; the first part of a secret path is the item's key."""
    split = [path.partition(".") for path in secret_paths]
    return {
        key: wrapped(item, secret_paths={below for first, _, below in split if first == key})
        for key, item in values.items()
    }


UNKNOWN = PropertyValue(rpc.UNKNOWN)
"""Stands for an output that only the update itself will tell."""
