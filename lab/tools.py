"""Pinned tools, built from Go modules into a cache, because no registry serves them as binaries.

A tool's cache key covers its `go.mod`, `go.sum`, sources, build flags and the Go release, so a second start builds
nothing and a changed pin builds once. A tool of exactly the pinned version on `PATH` is used instead of building.
"""

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab.errors import LabError, Progress, say
from lab.folders import cache_folder
from lab.go import build_go, go_command, go_release
from lab.tool_pins import KNOWN, TOOLS, Tool

MODULES = Path(__file__).parent / "tools"


def ensure(names: Iterable[str] = tuple(TOOLS), *, progress: Progress = say) -> dict[str, Path]:
    """Return the path of each tool, building what the cache lacks.

    Tools of one module are built in one call. Two processes that ask at once build once.

    Args:
        names: keys of `TOOLS`, or the name of `COMPARED`.
        progress: called with one line for people; by default lines go to standard error.

    Raises:
        LabError: Go is missing and cannot be installed, or a build fails; the message holds the compiler's last lines.
    """
    wanted = [KNOWN[name] for name in names]
    found = {tool.name: path for tool in wanted if (path := _cached(tool) or _on_path(tool))}
    missing = [tool for tool in wanted if tool.name not in found]
    for module in dict.fromkeys(tool.module for tool in missing):
        group = [tool for tool in missing if tool.module == module]
        with _lock(module, progress):
            for tool in group:
                found[tool.name] = _cached(tool) or _build(tool, progress)
    return {tool.name: found[tool.name] for tool in wanted}


def cache_key(tool: Tool, release: str) -> str:
    """Hash of all that decides the bytes of a tool: module files, package, flags, Go release, machine."""
    digest = hashlib.sha256()
    sources = sorted(p for p in (MODULES / tool.module).iterdir() if p.suffix in {".mod", ".sum", ".go"})
    for part in [release, platform.machine(), tool.package, tool.ldflags]:
        digest.update(part.encode() + b"\0")
    for source in sources:
        digest.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _build(tool: Tool, progress: Progress) -> Path:
    target = _target(tool)
    label = f"{tool.name} {tool.version.rpartition(' ')[2]}"
    build_go(MODULES / tool.module, tool.package, target, ldflags=tool.ldflags, label=label, progress=progress)
    if beside := _BESIDE.get(tool.name):
        _place(beside, target.parent)
    return target


@dataclass(frozen=True, slots=True)
class _Beside:
    """What has to lie beside a program: a file or a folder of a Go module that the program is built from."""

    module: str
    package: str
    path: str

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


_BESIDE = {
    # The language host looks beside itself for the script that runs a program.
    "pulumi-language-python": _Beside(
        "pulumi", "github.com/pulumi/pulumi/sdk/v3", "python/cmd/pulumi-language-python-exec"
    ),
    "cert-manager": _Beside("cert-manager", "github.com/cert-manager/cert-manager", "deploy/crds"),
}


def _place(beside: _Beside, folder: Path) -> None:
    """Copy it from the module's folder; whole or not at all, so that a build that is killed here is repeated."""
    listing = subprocess.run(
        [str(go_command()), "list", "-m", "-f", "{{.Dir}}", beside.package],
        cwd=MODULES / beside.module,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "GOFLAGS": "-mod=mod"},
    )
    if listing.returncode != 0:
        raise LabError(f"the module {beside.package} cannot be located: {listing.stderr.strip()}")
    source, partial = Path(listing.stdout.strip()) / beside.path, folder / f".{beside.name}.{os.getpid()}"
    if source.is_dir():
        shutil.copytree(source, partial, copy_function=shutil.copyfile)
        partial.chmod(0o755)
    else:
        shutil.copyfile(source, partial)
        partial.chmod(0o755)
    partial.replace(folder / beside.name)


def _target(tool: Tool) -> Path:
    return cache_folder() / "tools" / f"{tool.name}-{cache_key(tool, go_release())}" / tool.name


def _cached(tool: Tool) -> Path | None:
    target = _target(tool)
    beside = _BESIDE.get(tool.name)
    complete = target.exists() and (beside is None or (target.parent / beside.name).exists())
    return target if complete else None


def _on_path(tool: Tool) -> Path | None:
    """A copy of exactly the pinned release; one that cannot be asked is not trusted."""
    found = shutil.which(tool.name)
    if found is None or not tool.version_arguments:
        return None
    try:
        asked = subprocess.run(
            [found, *tool.version_arguments], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    words = (asked.stdout + asked.stderr).replace(",", " ")
    exact = tool.version in words if " " in tool.version else tool.version in words.split()
    return Path(found) if exact else None


@contextmanager
def _lock(module: str, progress: Progress) -> Iterator[None]:
    path = cache_folder() / "tools" / f"{module}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress(f"waiting for another process that builds {module}")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
