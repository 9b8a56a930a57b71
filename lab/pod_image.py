"""The image of `lab/pod-tools`: it holds the namespaces of every pod, and answers what only a pod can answer."""

from pathlib import Path

from lab.errors import Progress
from lab.folders import cache_folder
from lab.go import build_go
from lab.go_sources import sources_key
from lab.oci_archive import Archive, pack

REFERENCE = "localhost/kastellan/pod-tools:1"
_SOURCE = Path(__file__).parent / "pod-tools"


def pod_image(progress: Progress = print) -> Archive:
    """Build it, unless the cache has it from these sources.

    Raises:
        LabError: the build fails.
    """
    folder = cache_folder() / "images" / f"pod-tools-{sources_key(_SOURCE)}"
    binary = folder / "pod-tools"
    if not binary.exists():
        build_go(_SOURCE, ".", binary, ldflags="-s -w", label="the image of the lab's pods", progress=progress)
    return pack(binary, folder / "pod-tools.tar", reference=REFERENCE)
