"""Names this process so that nobody is taken for somebody else, and tells whether another one of this machine is dead.

A process id alone is used again, and containers of one image share host names. So a name has the host, the kernel's
boot, the namespace of process ids, the process id, and the instant at which the process began, counted from the boot.
"""

import os
import platform
from pathlib import Path

_PROC = Path("/proc")


class SystemWorker:
    """Implements `ports.worker.Worker` with Linux' `/proc`; elsewhere nobody is told to be dead."""

    def __init__(self) -> None:
        self._place = f"{platform.node()}/{_boot()}/{_namespace()}"
        self.name = f"{self._place}/{os.getpid()}/{_began(os.getpid())}"

    def is_dead(self, name: str) -> bool:
        """See the port."""
        place, _, process = name.partition(f"{self._place}/")
        pid, _, began = process.partition("/")
        if place or not pid.isdecimal() or not began or not _began(os.getpid()):
            return False
        return _began(int(pid)) != began


def _boot() -> str:
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii")[:8]
    except OSError:
        return "unknown"


def _namespace() -> str:
    try:
        return str((_PROC / "self/ns/pid").stat().st_ino)
    except OSError:
        return "0"


def _began(pid: int) -> str:
    """Clock ticks after the boot at which a process began (proc(5), field 22); empty where there is none."""
    try:
        return (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[19]
    except OSError:
        return ""
