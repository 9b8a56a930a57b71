"""The key of a Go program of ours in the cache: a hash of its sources."""

import hashlib
from pathlib import Path


def sources_key(folder: Path, *more: str) -> str:
    """Sixteen hexadecimal digits that change with any file of the folder, or with what else decides the build."""
    digest = hashlib.sha256("\0".join(more).encode())
    for file in sorted(folder.iterdir()):
        digest.update(b"\0" + file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]
