"""Reads the file of channel addresses, name → URL. They hold secrets, so the file is no part of the project."""

import stat
from collections.abc import Mapping
from pathlib import Path

import yaml

from kastellan.config.yaml_text import load_yaml
from kastellan.domain.errors import InvalidInputError

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_channels(path: Path) -> Mapping[str, str]:
    """Channel addresses by name; no error repeats one.

    Raises:
        InvalidInputError: it cannot be read, others may read it, or it is no YAML mapping of names to URLs.
    """
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as cause:
        raise InvalidInputError(f"the channels file {path} cannot be read: {type(cause).__name__}") from cause
    if mode & _OTHERS:
        raise InvalidInputError(f"the channels file {path} holds secrets and others may read it; run: chmod 600 {path}")
    try:
        document = load_yaml(text)
    except yaml.YAMLError:
        document = None
    if not isinstance(document, dict) or not all(isinstance(part, str) for row in document.items() for part in row):
        # From None: YAML's own message shows the line, which may hold a password.
        raise InvalidInputError(f"the channels file {path} is no YAML of the form `name: URL`") from None
    return document
