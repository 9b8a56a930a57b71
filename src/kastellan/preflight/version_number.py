"""Versions as clusters and nodes write them."""

import re


def minor_of(version: str) -> tuple[int, int]:
    """Major and minor of a version such as `v1.35.4-gke.100`.

    Raises:
        ValueError: it is no version.
    """
    found = re.match(r"v?(\d+)\.(\d+)", version)
    if not found:
        raise ValueError(f"{version!r} is no version")
    return int(found[1]), int(found[2])
