"""Facts as JSON that a customer can read, and back: generic over the dataclasses, so that a new fact needs no code.

Decimals are strings, instants RFC 3339, sets sorted lists. Alternatives (`Refused`, `Unknown`) are named by `kind`.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from kastellan.domain.errors import InvalidInputError
from kastellan.preflight.facts import Facts


def group_document(name: str, group: Any) -> Any:
    """One group of facts as JSON values."""
    return _plain(_adapter(_HINTS[name]).dump_python(group))


def facts_of(document: Mapping[str, Any]) -> Facts:
    """The facts that a document holds.

    Raises:
        InvalidInputError: it holds something else, or something that this version does not know; with every path.
    """
    unknown, missing = sorted(document.keys() - _HINTS.keys()), sorted(_HINTS.keys() - document.keys())
    if unknown or missing:
        raise InvalidInputError(
            "the facts are those of another version of kastellan: "
            + ", ".join(
                [*(f"{name} is not known here" for name in unknown), *(f"{name} is missing" for name in missing)]
            )
        )
    return Facts(**{name: value_of(hint, document[name], name) for name, hint in _HINTS.items()})


def value_document(value: Any) -> Any:
    """A dataclass as JSON values."""
    return _plain(_adapter(type(value)).dump_python(value))


def value_of(kind: Any, document: Any, place: str) -> Any:
    """The value of a type that a document holds.

    Raises:
        InvalidInputError: it holds something else, or more than that; with every path.
    """
    adapter = _adapter(kind)
    try:
        value = adapter.validate_python(document)
    except ValidationError as cause:
        problems = [f"{'.'.join([place, *map(str, error['loc'])])}: {error['msg']}" for error in cause.errors()]
        raise InvalidInputError("; ".join(problems[:10])) from cause
    if _plain(adapter.dump_python(value)) != document:
        raise InvalidInputError(f"{place}: it holds more than this version of kastellan knows, or in another form")
    return value


_HINTS: dict[str, Any] = get_type_hints(Facts)
_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}


def _adapter(kind: Any) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def _plain(value: Any) -> Any:
    match value:
        case Mapping():
            return {str(key): _plain(inner) for key, inner in value.items()}
        case Enum():
            return value.value
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case set() | frozenset():
            return sorted(_plain(inner) for inner in value)
        case Decimal():
            return str(value)
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case _:
            return value
