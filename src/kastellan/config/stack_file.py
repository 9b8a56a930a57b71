"""Reads `stacks/Pulumi.STACK.yaml` offline: everything but the secrets, which stay sealed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from kastellan.config.stack import StackConfig, parse_stack
from kastellan.config.stack_model import SECRET_PATHS
from kastellan.config.stack_problem import PREFIX
from kastellan.config.yaml_text import load_yaml
from kastellan.domain.errors import InvalidInputError
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason

PROJECT_FILE = "Pulumi.yaml"
_MOST_NAMES = 12
"""So many stacks are named to somebody who asks for one that is not there."""
EXAMPLES = frozenset({"example", "example-eks", "example-gke"})


@dataclass(frozen=True, slots=True, kw_only=True)
class StackFile:
    """A stack's file.

    Attributes:
        name: name of the stack.
        path: where the file lies.
        project: folder of `Pulumi.yaml`; paths in the configuration are relative to it.
        values: keys without the prefix, secrets removed.
    """

    name: str
    path: Path
    project: Path
    values: Mapping[str, Any]

    def parse(self) -> StackConfig:
        """Parse what can be read without decrypting.

        Raises:
            InvalidInputError: carries every reason.
        """
        return parse_stack(self.name, self.values, folder=self.project, sealed=True)


def find_project(start: Path) -> Path:
    """The folder of the nearest `Pulumi.yaml` at or above `start`.

    Raises:
        InvalidInputError: there is none.
    """
    for folder in (start, *start.parents):
        if (folder / PROJECT_FILE).is_file():
            return folder
    raise InvalidInputError(f"no {PROJECT_FILE} at or above {start}; run this in a folder of the project")


def stack_names(project: Path) -> list[str]:
    """Names of all stacks that have a file, sorted; the examples that people copy are none."""
    files = stack_folder(project).glob("Pulumi.*.yaml")
    return sorted({path.name.removeprefix("Pulumi.").removesuffix(".yaml") for path in files} - EXAMPLES)


def _told(name: str, known: Sequence[str]) -> str:
    """The names of the stacks that there are; of many, those that look most like the one that was meant."""
    if len(known) <= _MOST_NAMES:
        return ", ".join(known) or "none"
    close = get_close_matches(name, known, n=3)
    return f"{len(known)}{', such as ' + ', '.join(close) if close else ''}"


def read_stack_file(name: str, *, project: Path) -> StackFile:
    """Read a stack's file.

    Raises:
        InvalidInputError: there is no such file, it is no YAML, or a secret stands in it in plain text.
    """
    path = stack_path(name, project=project)
    try:
        document = load_yaml(path.read_text(encoding="utf-8"))
    except FileNotFoundError as cause:
        known = _told(name, stack_names(project))
        raise InvalidInputError(f"there is no stack {name} ({path}); stacks with a file: {known}") from cause
    except (OSError, UnicodeDecodeError) as cause:
        raise InvalidInputError(f"{path} cannot be read: {cause}") from cause
    except yaml.YAMLError as cause:
        raise InvalidInputError(f"{path} is no YAML: {' '.join(str(cause).split())}") from cause
    config = document.get("config") if isinstance(document, dict) else None
    if not isinstance(config, dict):
        raise InvalidInputError(f"{path} has no `config:`; stacks/Pulumi.example.yaml shows the form")
    values = {key.removeprefix(PREFIX): value for key, value in config.items() if str(key).startswith(PREFIX)}
    plain = [secret for secret in SECRET_PATHS if isinstance(_at(values, secret), str)]
    if plain:
        raise InvalidInputError(f"{path} holds secrets in plain text", [_in_plain_text(secret) for secret in plain])
    return StackFile(name=name, path=path, project=project, values=_without_sealed(values))


def stack_path(name: str, *, project: Path) -> Path:
    """Where a stack's file lies, or would."""
    return stack_folder(project) / f"Pulumi.{name}.yaml"


@lru_cache(maxsize=8)
def _folder_named_in(text: str) -> str:
    parsed = load_yaml(text)
    return str(parsed.get("stackConfigDir", "")) if isinstance(parsed, dict) else ""


def stack_folder(project: Path) -> Path:
    """Where the stack files lie: `stackConfigDir` of the project file, as Pulumi reads it."""
    return project / _folder_named_in((project / PROJECT_FILE).read_text(encoding="utf-8"))


def _in_plain_text(secret: str) -> Reason:
    return Reason(
        code="plain-secret",
        message="this secret stands in the file in plain text",
        owner=Party.VENDOR,
        remediation=f"change the secret, then: pulumi config set --secret --path {PREFIX}{secret}",
        path=PREFIX + secret,
    )


def _at(values: Mapping[str, Any], path: str) -> object:
    current: object = values
    for part in path.split("."):
        current = current.get(part) if isinstance(current, dict) else None
    return current


def _without_sealed(value: Any) -> Any:
    """Remove what Pulumi encrypted (`{secure: …}`), at any depth."""
    if isinstance(value, dict):
        return {key: _without_sealed(inner) for key, inner in value.items() if not _is_sealed(inner)}
    return [_without_sealed(inner) for inner in value] if isinstance(value, list) else value


def _is_sealed(value: object) -> bool:
    return isinstance(value, dict) and value.keys() == {"secure"}
