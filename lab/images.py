"""The releases of the stand-in, as images that nodes can run and as a catalogue that stacks can choose from.

A node gets an image by `RealCluster.import_image(release.server.path, [release.server.by_digest])`: containerd does not
derive the name with the digest, by which the manifests ask for it, from an imported archive.
"""

import fcntl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.errors import Progress
from lab.folders import cache_folder
from lab.go import build_go
from lab.go_sources import sources_key
from lab.oci_archive import Archive, pack
from lab.stack import write_catalogue

SERVER = "localhost/kastellan/zitadel-standin"
LOGIN = "localhost/kastellan/zitadel-login-standin"
USER = "1000:1000"
"""As in ZITADEL's own chart; the manifests say so too."""
_SOURCE = Path(__file__).parent / "zitadel-standin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """How a release of the stand-in differs from the others.

    Attributes:
        slow_seconds: how long its own migration step takes.
        failing: whether that step fails, each time.
        unready: whether its server never becomes ready.
    """

    slow_seconds: int = 0
    failing: bool = False
    unready: bool = False

    def linker_flags(self, version: str) -> str:
        """Flags that stamp it into the program."""
        values = {"version": version, "slow": f"{self.slow_seconds}s", "failing": str(self.failing).lower()}
        values["unready"] = str(self.unready).lower()
        return " ".join(["-s -w", *(f"-X main.{name}={value}" for name, value in values.items())])


VARIANTS = {
    "v4.13.0": Variant(),
    "v4.13.1": Variant(),
    "v4.14.0": Variant(slow_seconds=8),
    "v4.15.0": Variant(failing=True),
    "v4.16.0": Variant(unready=True),
}
"""The migration steps that each brings stand in `zitadel-standin/migration.go`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StandInRelease:
    """One release.

    Attributes:
        version: with its v.
        program: static executable for this machine.
        server: image of `init`, `setup` and `start`.
        login: image of the login application; the same layer with another default argument.
    """

    version: str
    program: Path
    server: Archive
    login: Archive


def releases(versions: Sequence[str] = tuple(VARIANTS), *, progress: Progress = print) -> tuple[StandInRelease, ...]:
    """Build the stand-in's releases, unless the cache has them from these sources; two processes build once.

    Args:
        versions: keys of `VARIANTS`, in the order of the result.
        progress: called with one line for people.

    Raises:
        LabError: the build fails.
    """
    folder = cache_folder() / "images"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "standin.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return tuple(_release(version, folder, progress) for version in versions)


def catalogue(path: Path, built: Sequence[StandInRelease]) -> None:
    """Write the release catalogue that names the images by digest; `built` in ascending order of versions."""
    write_catalogue(path, {release.version: (release.server.by_digest, release.login.by_digest) for release in built})


def _release(version: str, images: Path, progress: Progress) -> StandInRelease:
    flags = VARIANTS[version].linker_flags(version)
    folder = images / f"standin-{version}-{sources_key(_SOURCE, flags)}"
    program = folder / "zitadel-standin"
    if not program.exists():
        build_go(_SOURCE, ".", program, ldflags=flags, label=f"the stand-in {version}", progress=progress)
    labels = {"dev.kastellan.stand-in": "true", "org.opencontainers.image.version": version}

    def image(repository: str, arguments: Sequence[str] = ()) -> Archive:
        target = folder / f"{repository.rpartition('/')[2]}.tar"
        reference = f"{repository}:{version}"
        return pack(program, target, reference=reference, arguments=arguments, labels=labels, user=USER)

    return StandInRelease(version=version, program=program, server=image(SERVER), login=image(LOGIN, ("login",)))
