"""What a program of a cloud declares, as a process of its own tells it: once for a whole run of the tests.

The SDK and moto take seconds and keep global state, hence the process. Workers of pytest-xdist share what it told.
"""

import fcntl
import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def told_once(module: str, values: Mapping[str, Any], request: pytest.FixtureRequest) -> dict[str, Any]:
    """Run `python -m module` with the values of a stack, unless another test or worker has."""
    factory: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
    folder = factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        folder = folder.parent
    what = f"{module}-{hashlib.sha256(json.dumps(values).encode()).hexdigest()[:12]}"
    told = folder / f"{what}.json"
    with (folder / f"{what}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            done = subprocess.run(
                [sys.executable, "-m", module], input=json.dumps(values), cwd=ROOT, capture_output=True, text=True,
                check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
            told.write_text(done.stdout)
    found: dict[str, Any] = json.loads(told.read_text())
    return found
