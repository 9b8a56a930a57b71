"""Ends a lab when its owner is gone, however the owner ended: return, Ctrl-C, exception or SIGKILL.

A lab's owner holds the write end of a pipe whose read end is this process' standard input; the kernel closes it with
the owner. Every process of a lab, and all that they start, carries the lab's folder in its environment (`MARKER`), so
that what must end is found by looking, not by remembering: a process that was started a moment before the owner was
killed is found as well, and a reused process id never is. It is the only code that ends a lab, so that every ordinary
end tests it.

Run as `python -m lab.reaper FOLDER`; imports nothing heavy, because every lab starts one.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

MARKER = "KASTELLAN_LAB"
KEEP = b"keep"
"""What the owner writes before it leaves a lab running on purpose."""
CLEANUP = "cleanup.jsonl"
"""Commands, one JSON array a line, that undo what processes do not take with them; run in reverse order."""
_GRACE_SECONDS = 3.0


def members(folder: Path) -> Iterator[int]:
    """Process ids of a lab, except of this process: those whose environment names its folder."""
    wanted = f"{MARKER}={folder}".encode()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            environment = (entry / "environ").read_bytes()
        except OSError:  # ended meanwhile, or another user's
            continue
        if wanted in environment.split(b"\0"):
            yield int(entry.name)


def reap(folder: Path) -> None:
    """End every process of a lab, run its clean-up commands, remove its folder; may be repeated.

    Processes get SIGTERM, then SIGKILL after three seconds: a lab holds no data that anybody needs.
    """
    _signal_until_gone(folder, signal.SIGTERM, _GRACE_SECONDS)
    _signal_until_gone(folder, signal.SIGKILL, _GRACE_SECONDS)
    commands = folder / CLEANUP
    if commands.exists():
        for line in reversed(commands.read_text().splitlines()):
            # Best effort on purpose: after a crash half of these things are gone already.
            subprocess.run(json.loads(line), capture_output=True, check=False, timeout=30)
    shutil.rmtree(folder, ignore_errors=True)


def _signal_until_gone(folder: Path, number: signal.Signals, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    signalled: set[int] = set()
    while alive := set(members(folder)):
        for pid in alive - signalled:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue
        signalled |= alive
        if time.monotonic() > deadline:
            return
        time.sleep(0.02)


def main() -> None:
    """Wait for the owner's end, then end the lab; SIGTERM means now."""
    folder = Path(sys.argv[1])

    def end_now(*_: object) -> None:
        reap(folder)
        sys.exit(0)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, end_now)
    if sys.stdin.buffer.read() == KEEP:
        return
    reap(folder)


if __name__ == "__main__":
    main()
