"""The JSON Schema of a stack file's keys, for editors and for `kastellan schema`."""

from typing import Any

from kastellan.config.stack import PREFIX
from kastellan.config.stack_model import StackModel


def stack_schema() -> dict[str, Any]:
    """A schema (draft 2020-12) of `stacks/Pulumi.STACK.yaml`; sealed secrets are objects with the key `secure`."""
    model = StackModel.model_json_schema(by_alias=True)
    definitions = model.pop("$defs", {})
    properties = {PREFIX + name: value for name, value in model.pop("properties").items()}
    required = [PREFIX + name for name in model.pop("required", [])]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Stack file of a kastellan installation",
        "type": "object",
        "properties": {
            "config": {"type": "object", "properties": properties, "required": required},
        },
        "required": ["config"],
        "$defs": definitions,
    }
