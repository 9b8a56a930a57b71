"""Which kastellan judged: its version, and the digest of the very source that ran."""

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

import kastellan
from kastellan.preflight.circumstances import Tool


@cache
def this_tool() -> Tool:
    """Version, and SHA-256 over the names and contents of all files of the package that decide something."""
    root = Path(kastellan.__file__).parent
    whole = hashlib.sha256()
    for path in sorted(path for path in root.rglob("*") if path.suffix in (".py", ".yaml", ".j2")):
        content = path.read_bytes()
        whole.update(f"{path.relative_to(root).as_posix()} {len(content)}\n".encode())
        whole.update(content)
    return Tool(version=version("kastellan"), sha256=whole.hexdigest())
