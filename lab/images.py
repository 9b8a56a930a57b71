"""The releases of the stand-in, as images that nodes can run and as a catalogue that stacks can choose from."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.folders import cache_folder
from lab.oci_archive import Archive, pack
from lab.stack import write_catalogue
from lab.tools import Progress, build_go

SERVER = "localhost/kastellan/zitadel-standin"
LOGIN = "localhost/kastellan/zitadel-login-standin"
_SOURCE = Path(__file__).parent / "zitadel-standin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """How a release of the stand-in differs: seconds that its own migration step takes, and whether that fails."""

    slow_seconds: int = 0
    failing: bool = False


VARIANTS = {
    "v4.13.0": Variant(),
    "v4.13.1": Variant(),
    "v4.14.0": Variant(slow_seconds=15),
    "v4.15.0": Variant(failing=True),
}
"""The migration steps that each brings stand in `zitadel-standin/migration.go`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StandInRelease:
    """One release: the program, and it as both images."""

    version: str
    program: Path
    server: Archive
    login: Archive


def releases(versions: Sequence[str] = tuple(VARIANTS), *, progress: Progress = print) -> tuple[StandInRelease, ...]:
    """Build the stand-in's releases, unless the cache has them from these sources.

    Raises:
        LabError: the build fails.
    """
    sources = hashlib.sha256(b"\0".join(file.read_bytes() for file in sorted(_SOURCE.iterdir()))).hexdigest()
    folder = cache_folder() / "images" / f"standin-{sources[:16]}"
    return tuple(_release(version, folder, progress) for version in versions)


def catalogue(path: Path, built: Sequence[StandInRelease]) -> None:
    """Write the release catalogue that names the images by digest."""
    write_catalogue(path, {release.version: (release.server.by_digest, release.login.by_digest) for release in built})


def _release(version: str, folder: Path, progress: Progress) -> StandInRelease:
    variant = VARIANTS[version]
    program = folder / version / "zitadel-standin"
    if not program.exists():
        settings = {
            "main.version": version,
            "main.slow": f"{variant.slow_seconds}s",
            "main.failing": str(variant.failing).lower(),
        }
        ldflags = " ".join(["-s -w", *(f"-X {name}={value}" for name, value in settings.items())])
        build_go(_SOURCE, ".", program, ldflags=ldflags, label=f"the stand-in {version}", progress=progress)
    labels = {"dev.kastellan.stand-in": "true", "org.opencontainers.image.version": version}
    tag = version.removeprefix("v")
    return StandInRelease(
        version=version,
        program=program,
        server=pack(program, folder / version / "server.tar", reference=f"{SERVER}:{tag}", labels=labels),
        login=pack(
            program, folder / version / "login.tar", reference=f"{LOGIN}:{tag}", arguments=("login",), labels=labels
        ),
    )
