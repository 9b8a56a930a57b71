"""What a guard rail is: a rule that every declared resource has to keep, whatever the program is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A resource as the program declares it.

    Attributes:
        kind: type token.
        inputs: by their public names; what is not known is absent.
        protect: whether Pulumi refuses to delete it.
    """

    kind: str
    inputs: Mapping[str, Any]
    protect: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardRail:
    """One rule.

    Attributes:
        name: stable, in words joined by dashes.
        clause: of the terms.
        description: what it demands.
        broken: whether a resource breaks it.
    """

    name: str
    clause: str
    description: str
    broken: Callable[[Declared], bool]


_WIDEST = 8
"""A range wider than a /8 is nobody's own; two halves of the internet are a /1 each."""


def is_everybody(cidr: object) -> bool:
    """Whether a range of addresses is the internet or a good part of it; text that is no range is, too."""
    if not isinstance(cidr, str):  # not known yet
        return False
    prefix = cidr.rpartition("/")[2]
    return not prefix.isdigit() or int(prefix) < _WIDEST


def value_at(inputs: Mapping[str, Any], path: str) -> Any:
    """A value by its dotted path; None where there is none."""
    current: Any = inputs
    for part in path.split("."):
        current = current.get(part) if isinstance(current, Mapping) else None
    return current
