"""The JSON Schema of a stack file's keys, for editors and for `kastellan schema`."""

from typing import Any

from kastellan.config.stack_model import AwsStackModel, GoogleStackModel, StackModel
from kastellan.config.stack_problem import PREFIX


def stack_schema() -> dict[str, Any]:
    """A schema (draft 2020-12) of `stacks/Pulumi.STACK.yaml`; sealed secrets are objects with the key `secure`.

    The platform decides which of the shapes a file has.
    """
    shapes: list[dict[str, Any]] = []
    definitions: dict[str, Any] = {}
    for shape in (StackModel, GoogleStackModel, AwsStackModel):
        model = shape.model_json_schema(by_alias=True)
        definitions |= model.pop("$defs", {})
        shapes.append(
            {
                "type": "object",
                "description": model["description"],
                "properties": {PREFIX + name: value for name, value in model["properties"].items()},
                "required": [PREFIX + name for name in model.get("required", [])],
            }
        )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Stack file of a kastellan installation",
        "type": "object",
        "properties": {"config": {"oneOf": shapes}},
        "required": ["config"],
        "$defs": dict(sorted(definitions.items())),
    }
