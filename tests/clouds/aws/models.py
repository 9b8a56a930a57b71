"""Judges requests by Amazon's own models of its APIs, which botocore brings: names, types, enums, patterns, lengths."""

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any

import botocore.session
from botocore.model import Shape

from tests.clouds.aws.request import ANYTHING, Inputs, Kind
from tests.clouds.judgement import UNKNOWN

_NOT_KNOWN = (UNKNOWN, ANYTHING)


@functools.cache
def _model(service: str) -> Any:
    return botocore.session.get_session().get_service_model(service)


@functools.cache
def _operations(service: str) -> Mapping[str, str]:
    """Method of boto3 → operation of the API."""
    from botocore import xform_name

    return {xform_name(name): name for name in _model(service).operation_names}


def problems(kind: Kind, inputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Parameter and what Amazon's model says against it; inputs that no request carries are problems, too."""
    found: list[tuple[str, str]] = []

    def judge(service: str, operation: str, /, **parameters: Any) -> Any:
        given = {key: value for key, value in parameters.items() if value is not None}
        found.extend(request_problems(service, operation, given))
        return ANYTHING

    asked = Inputs(inputs)
    kind(asked, judge)
    yield from found
    yield from ((key, "no request carries it") for key in sorted(asked.unused))


def request_problems(service: str, operation: str, parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Parameter of one request, by the method of boto3, and what Amazon's model says against it."""
    shape = _model(service).operation_model(_operations(service)[operation]).input_shape
    yield from ((f"{operation}.{path}", text) for path, text in _value(shape, parameters, ""))


def _value(shape: Shape, value: Any, path: str) -> Iterator[tuple[str, str]]:
    if any(value is one for one in _NOT_KNOWN):
        return
    match shape.type_name:
        case "structure":
            yield from _structure(shape, value, path)
        case "list":
            if not isinstance(value, list):
                yield path, f"expected a list, got {value!r}"
                return
            yield from _length(shape, len(value), path)
            for number, one in enumerate(value):
                yield from _value(shape.member, one, f"{path}[{number}]")
        case "map":
            if not isinstance(value, Mapping):
                yield path, f"expected a map, got {value!r}"
                return
            for key, one in value.items():
                yield from _value(shape.key, key, f"{path}.{key}")
                yield from _value(shape.value, one, f"{path}.{key}")
        case "string":
            yield from _text(shape, value, path)
        case "boolean":
            if not isinstance(value, bool):
                yield path, f"expected true or false, got {value!r}"
        case "integer" | "long" | "float" | "double":
            if isinstance(value, bool) or not isinstance(value, int | float):
                yield path, f"expected a number, got {value!r}"
            else:
                yield from _length(shape, value, path)


def _structure(shape: Shape, value: Any, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, Mapping):
        yield path, f"expected an object, got {value!r}"
        return
    for name, one in value.items():
        below = f"{path}.{name}" if path else name
        if name not in shape.members:
            yield below, f"the API's {shape.name} has no such field"
        else:
            yield from _value(shape.members[name], one, below)
    yield from (
        (f"{path}.{name}" if path else name, "required") for name in shape.required_members if name not in value
    )


def _text(shape: Shape, value: Any, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, str):
        yield path, f"expected text, got {value!r}"
        return
    yield from _length(shape, len(value), path)
    if shape.enum and value not in shape.enum:
        yield path, f"{value} is none of {', '.join(shape.enum)}"
    pattern = shape.metadata.get("pattern")
    if pattern and not re.fullmatch(_python(pattern), value):
        yield path, f"{value!r} does not match {pattern}"


def _length(shape: Shape, size: float, path: str) -> Iterator[tuple[str, str]]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if (least is not None and size < least) or (most is not None and size > most):
        yield path, f"{size} is not within {least} and {most}"


@functools.cache
def _python(pattern: str) -> str:
    """Java's classes of characters, which Python has not, and without flags in the middle."""
    pattern = pattern.replace("(?i)", "").replace(r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF")
    for theirs, ours in ((r"\p{L}", "a-zA-Z"), (r"\p{Z}", r"\s"), (r"\p{N}", "0-9"), (r"\p{M}", ""), (r"\p{S}", ""),
                         (r"\p{P}", "!-/:-@"), (r"\p{Alnum}", "a-zA-Z0-9"), (r"\p{ASCII}", r"\x00-\x7f")):  # fmt: skip
        pattern = pattern.replace(theirs, ours)
    return pattern
