"""The reflected shapes, without the SDK."""

import json
from pathlib import Path
from typing import Any


def shapes() -> dict[str, Any]:
    """Type token → shape; see `tests.clouds.reflection`."""
    found: dict[str, Any] = json.loads((Path(__file__).parent / "schema" / "gcp.json").read_text())
    return found
