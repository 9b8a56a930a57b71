"""The resources that stand after an update, read from its preview."""

from collections.abc import Iterator, Mapping
from typing import Any

from kastellan.domain.declared_resource import DeclaredResource
from kastellan.domain.errors import InvalidInputError

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What Pulumi writes for a value that is known after the update only (sdk/go/common/resource/plugin/rpc.go)."""

_ENDING = ("delete", "discard", "read-discard", "remove-pending-replace")
"""Beginnings of the operations after which nothing stands (sdk/go/common/display/operation_type.go)."""


def previewed(preview: Mapping[str, Any]) -> tuple[DeclaredResource, ...]:
    """Everything that is there once the update is through; what is deleted is left out.

    Args:
        preview: document of `pulumi preview --json`.

    Raises:
        InvalidInputError: it is no such document.
    """
    try:
        found = tuple(_standing(preview["steps"]))
    except (AttributeError, KeyError, TypeError) as cause:
        raise InvalidInputError("this is no preview: give what `pulumi preview --json` prints") from cause
    return found


def _standing(steps: list[Mapping[str, Any]]) -> Iterator[DeclaredResource]:
    for step in steps:
        if step["op"].startswith(_ENDING):
            continue
        state = step["newState"]
        inputs = {key: known for key, value in state.get("inputs", {}).items() if (known := _known(value)) is not None}
        yield DeclaredResource(
            urn=str(step["urn"]), kind=str(state["type"]), parent=str(state.get("parent", "")), inputs=inputs
        )


def _known(value: Any) -> Any:
    """Without what is not known, at any depth; in a list it keeps its place as None, so that a list can be counted."""
    if value == UNKNOWN:
        return None
    if isinstance(value, Mapping):
        return {key: known for key, inner in value.items() if (known := _known(inner)) is not None}
    if isinstance(value, list):
        return [_known(inner) for inner in value]
    return value
