"""Compares what people read with a file of the repository; `UPDATE_GOLDEN=1` writes the file for review."""

import os
from pathlib import Path


def assert_golden(path: Path, actual: str) -> None:
    """Fail where the text differs from the file."""
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(actual, encoding="utf-8")
    assert path.exists(), f"{path.name} is missing; UPDATE_GOLDEN=1 writes it"
    assert actual == path.read_text(encoding="utf-8")
