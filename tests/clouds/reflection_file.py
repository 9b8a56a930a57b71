"""The reflected shapes, without the SDK."""

import json
from pathlib import Path
from typing import Any


def shapes(cloud: str = "gcp") -> dict[str, Any]:
    """Type token → shape; see `tests.clouds.reflection`."""
    found: dict[str, Any] = json.loads((Path(__file__).parent / "schema" / f"{cloud}.json").read_text())
    return found
