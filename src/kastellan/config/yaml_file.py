"""Reads a YAML file against a model: one way for every table and catalogue, with every error at once."""

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import ValidationError

from kastellan.config.fields import ConfigModel
from kastellan.config.problem import reasons_of
from kastellan.config.yaml_text import load_yaml
from kastellan.domain.errors import InvalidInputError

_Model = TypeVar("_Model", bound=ConfigModel)


def read_text(path: Path, *, name: str) -> str:
    """The file's text.

    Args:
        path: the file.
        name: what it is, for the message: `the release catalogue`.

    Raises:
        InvalidInputError: it cannot be read, or it is no text.
    """
    try:
        return path.read_bytes().decode()  # nothing is translated: a signature is over these bytes
    except (OSError, UnicodeDecodeError) as cause:
        raise InvalidInputError(f"{name} {path} cannot be read: {cause}") from cause


def parse_model(text: str, model: type[_Model], *, source: str) -> _Model:
    """The document, as its model.

    Args:
        text: YAML.
        model: what it must be.
        source: where the text is from, for the message.

    Raises:
        InvalidInputError: it is no YAML, or its content is wrong; all reasons at once.
    """
    try:
        return model.model_validate(load_yaml(text))
    except yaml.YAMLError as cause:
        raise InvalidInputError(f"{source} is no YAML: {' '.join(str(cause).split())}") from cause
    except ValidationError as cause:
        raise InvalidInputError(f"{source} is not valid", reasons_of(cause, model)) from cause
