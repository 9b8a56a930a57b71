"""The simulated cloud's memory: a file, so that it outlives the provider's process and can be changed from outside."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class CloudFile:
    """Objects by type and name, faults to come, calls that were made, and facts that a test gives."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def open(self) -> Iterator[dict[str, Any]]:
        """Read, change, write; one process at a time."""
        self.path.touch()
        with self.path.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            text = file.read()
            content = json.loads(text) if text else {"objects": {}, "faults": {}, "calls": [], "facts": {}}
            yield content
            file.seek(0)
            file.truncate()
            json.dump(content, file, indent=1)
