"""Reads a stack with its secrets, which `pulumi` decrypts."""

from pathlib import Path

from kastellan.adapters.pulumi.command import PulumiCommand
from kastellan.config.stack import PREFIX, StackConfig, parse_stack
from kastellan.config.stack_file import find_project, read_stack_file


def unsealed_stack(name: str) -> StackConfig:
    """The stack of a file at or above the working folder.

    Raises:
        InvalidInputError: the stack is not there, cannot be decrypted, or its configuration is not valid.
    """
    project = find_project(Path.cwd())
    read_stack_file(name, project=project)  # says what is wrong with the file better than Pulumi does
    return parse_stack(name, PulumiCommand(project).configuration(name, PREFIX), folder=project)
