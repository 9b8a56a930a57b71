"""A request's body held against a schema of a discovery document: nothing unknown, nothing read-only, right types."""

from collections.abc import Iterator, Mapping
from typing import Any

_TYPES = {"string": str, "boolean": bool, "integer": int, "number": (int, float)}


def body_problems(schemas: Mapping[str, Any], name: str, body: Any) -> list[str]:
    """What Google would refuse of a body of this schema."""
    return list(_problems(schemas, {"$ref": name}, body, name))


def _problems(schemas: Mapping[str, Any], schema: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:
    schema = schemas[schema["$ref"]] if "$ref" in schema else schema
    kind = schema.get("type", "object")
    if schema.get("readOnly"):
        yield f"{path} is output only"
    elif kind == "array":
        if not isinstance(value, list):
            yield f"{path} is no list"
            return
        for number, one in enumerate(value):
            yield from _problems(schemas, schema["items"], one, f"{path}[{number}]")
    elif kind == "object":
        if not isinstance(value, Mapping):
            yield f"{path} is no object"
            return
        for key, one in value.items():
            inner = schema.get("properties", {}).get(key) or schema.get("additionalProperties")
            if inner is None:
                yield f"{path}.{key} is unknown"
            else:
                yield from _problems(schemas, inner, one, f"{path}.{key}")
    elif not isinstance(value, _TYPES[kind]) or (kind != "boolean" and isinstance(value, bool)):
        yield f"{path} is no {kind}"
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{path} is none of its values"
