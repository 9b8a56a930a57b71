"""Writing files that are either whole or not there."""

import os
from contextlib import suppress
from pathlib import Path

from kastellan.domain.errors import InvalidInputError


def write_whole(path: Path, content: str | bytes) -> None:
    """Write aside, then move into place; folders are made.

    Raises:
        InvalidInputError: it cannot be written.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_bytes(content.encode() if isinstance(content, str) else content)
        aside.replace(path)
    except OSError as cause:
        with suppress(OSError):
            aside.unlink()
        raise InvalidInputError(f"{path} cannot be written: {cause.strerror}") from cause
