"""Control groups of a node: one sub-group in every hierarchy, below which its kubelet makes those of its pods.

The hierarchies of the machine are used as they are mounted: version 1 (one hierarchy a controller) and version 2 (one
for all). Nothing is mounted, and no group of anybody else is touched.
"""

import os
from pathlib import Path

from lab.errors import LabError

ROOT = Path("/sys/fs/cgroup")
_ACCOUNTED = ("cpuacct", "memory", "pids")
"""Hierarchies of version 1 in which the node's own processes leave the group of whoever started the lab."""
_REMOVE = (
    "for i in 1 2 3 4 5 6 7 8 9 10; do find {groups} -depth -type d -exec rmdir {{}} + 2>/dev/null; "
    "ls -d {groups} >/dev/null 2>&1 || exit 0; sleep 0.2; done; exit 1"
)


def unified() -> bool:
    """Whether the machine has version 2 alone."""
    return (ROOT / "cgroup.controllers").exists()


def hierarchies() -> tuple[Path, ...]:
    """Mount points of the hierarchies in which a node's groups are made."""
    return (ROOT,) if unified() else _mounted("cgroup")


def _mounted(kind: str) -> tuple[Path, ...]:
    mounts = (line.split() for line in Path("/proc/mounts").read_text().splitlines())
    return tuple(Path(point) for _, point, found, *_ in mounts if found == kind)


def removal(name: str) -> list[str]:
    """The command that removes a node's groups, once its processes are gone; tries for two seconds, or fails."""
    # Where both versions are mounted, container runtimes make groups in the other one as well.
    groups = " ".join(str(hierarchy / name) for hierarchy in (*_mounted("cgroup"), *_mounted("cgroup2")))
    return ["sh", "-c", _REMOVE.format(groups=groups)]


def make(name: str) -> tuple[Path, ...]:
    """Make a node's groups, and return those into which the node's own processes move.

    Raises:
        LabError: the hierarchies cannot be written.
    """
    try:
        if unified():
            return (_make_unified(name),)
        own = []
        for hierarchy in hierarchies():
            group = hierarchy / name
            group.mkdir(exist_ok=True)
            if (hierarchy / "cpuset.cpus").exists():  # an empty one takes no process
                for file in ("cpuset.cpus", "cpuset.mems"):
                    (group / file).write_text((hierarchy / file).read_text())
            if hierarchy.name in _ACCOUNTED:
                (group / "sys").mkdir(exist_ok=True)
                own.append(group / "sys")
        return tuple(own)
    except OSError as problem:
        raise LabError(f"no control groups for the node {name}: {problem}") from problem


def _make_unified(name: str) -> Path:
    wanted = {"cpu", "cpuset", "io", "memory", "pids"}
    controllers = wanted & set((ROOT / "cgroup.controllers").read_text().split())
    enable = " ".join(f"+{controller}" for controller in sorted(controllers))
    group = ROOT / name
    group.mkdir(exist_ok=True)
    own = group / "sys"  # with controllers enabled, processes may be in leaves only
    own.mkdir(exist_ok=True)
    for level in (ROOT, group):
        (level / "cgroup.subtree_control").write_text(enable)
    return own


def why_not() -> str | None:
    """Why no groups can be made here, or None."""
    found = hierarchies()
    if not found:
        return "no control groups are mounted below /sys/fs/cgroup"
    probe = f"kastellan-probe-{os.getpid()}"
    for hierarchy in found:
        try:
            (hierarchy / probe).mkdir()
            (hierarchy / probe).rmdir()
        except OSError as problem:
            return f"no control group can be made in {hierarchy}: {problem.strerror}"
    return None
