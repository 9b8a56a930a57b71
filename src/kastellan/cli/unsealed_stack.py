"""Reads a stack with its secrets, which `pulumi` decrypts."""

from pathlib import Path
from typing import Any

from kastellan.adapters.pulumi.command import PulumiCommand
from kastellan.config.cloud_stack import made_values
from kastellan.config.stack import StackConfig, parse_stack
from kastellan.config.stack_file import find_project, read_stack_file
from kastellan.config.stack_problem import PREFIX
from kastellan.domain.errors import InvalidInputError


def unsealed_stack(name: str) -> StackConfig:
    """The stack of a file at or above the working folder; on a cloud, with the base that was made.

    Raises:
        InvalidInputError: the stack is not there, cannot be decrypted, or its configuration is not valid.
    """
    project = find_project(Path.cwd())
    read_stack_file(name, project=project)  # says what is wrong with the file better than Pulumi does
    pulumi = PulumiCommand(project)
    values = pulumi.configuration(name, PREFIX)
    stack = parse_stack(name, values, folder=project)
    return _on_its_base(name, values, pulumi.outputs(name).get("base"), project) if stack.google or stack.aws else stack


def _on_its_base(name: str, values: dict[str, Any], base: dict[str, Any] | None, project: Path) -> StackConfig:
    """The stack with the cluster and the database that `pulumi up` made."""
    if not base:
        refusal = InvalidInputError(f"cluster and database of stack {name} are not made yet")
        refusal.remediation = f"pulumi up --stack {name} makes them, and runs the preflight by itself"
        raise refusal
    made = made_values(name, values, cluster=base["cluster"], database=base["database"])
    return parse_stack(name, made, folder=project, made=True)
