"""The image of the product's probe program (`probe/`), as a user builds it for a registry of their own."""

import hashlib
from pathlib import Path

from lab.errors import Progress
from lab.folders import cache_folder
from lab.go import build_go
from lab.oci_archive import Archive, pack

REFERENCE = "localhost/kastellan/probe:1"
_SOURCE = Path(__file__).parents[1] / "probe"
_USER = "1000:1000"


def probe_image(progress: Progress = print) -> Archive:
    """Build it, unless the cache has it from these sources; its binary lies beside the archive.

    Raises:
        LabError: the build fails.
    """
    sources = sorted(file for file in _SOURCE.iterdir() if file.suffix in (".go", ".mod", ".sum"))
    digest = hashlib.sha256(b"\0".join(file.read_bytes() for file in sources)).hexdigest()
    folder = cache_folder() / "images" / f"probe-{digest[:16]}"
    binary = folder / "kastellan-probe"
    if not binary.exists():
        build_go(_SOURCE, ".", binary, ldflags="-s -w", label="the probe program", progress=progress)
    return pack(binary, folder / "kastellan-probe.tar", reference=REFERENCE, user=_USER)
