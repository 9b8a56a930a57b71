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


def value_at(inputs: Mapping[str, Any], path: str) -> Any:
    """A value by its dotted path; None where there is none."""
    current: Any = inputs
    for part in path.split("."):
        current = current.get(part) if isinstance(current, Mapping) else None
    return current
