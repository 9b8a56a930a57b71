"""Runs in child processes: told, interrupted, and not disturbed by the end of whoever started them."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kastellan.adapters.run_processes import RunProcesses
from kastellan.ports.run_workers import WorkerEnded
from tests.waiting import until

EVENT = "event"


def processes(program: str, told: list[tuple[str, str]]) -> RunProcesses:
    def on_line(installation: str, line: str) -> bool:
        told.append((installation, line))
        return line.startswith(EVENT)

    def command(installation: str, run_id: str) -> list[str]:
        return [sys.executable, "-c", program, installation, run_id]

    return RunProcesses(command, environment={"FROM": "us"}, on_line=on_line)


def ended(found: RunProcesses) -> list[WorkerEnded]:
    done: list[WorkerEnded] = []
    while found.running():
        done += found.wait()
    return sorted(done, key=lambda one: one.run_id)


def test_what_children_tell_is_passed_on_and_why_one_ended_is_kept() -> None:
    program = f"""
import os, sys
print("{EVENT}", sys.argv[2], os.environ["FROM"], file=sys.stderr)
print("not told")
if sys.argv[1] == "bolt":
    sys.exit("error: no such thing")
"""
    told: list[tuple[str, str]] = []
    found = processes(program, told)
    for name in ("acme", "bolt"):
        found.start(name, f"{name}.1")
    assert ended(found) == [
        WorkerEnded(run_id="acme.1", code=0, problem=""),
        WorkerEnded(run_id="bolt.1", code=1, problem="error: no such thing"),
    ]
    assert sorted(told) == [
        ("acme", f"{EVENT} acme.1 us"), ("bolt", "error: no such thing"), ("bolt", f"{EVENT} bolt.1 us"),
    ]  # fmt: skip


def test_the_last_words_of_a_child_that_says_much_at_its_end_are_kept() -> None:
    program = f"""
import os
os.write(2, b"{EVENT} and so on\\n" * 200_000 + b"error: the disk is full\\nnothing was wri")
os._exit(1)
"""
    found = processes(program, [])
    found.start("acme", "acme.1")
    (one,) = ended(found)
    assert one.problem == "error: the disk is full nothing was wri"


def test_a_child_that_is_killed_is_told_with_its_signal() -> None:
    found = processes("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", [])
    found.start("acme", "acme.1")
    assert [one.code for one in ended(found)] == [-signal.SIGKILL]


def test_an_interrupt_is_passed_on_to_children_of_sessions_of_their_own() -> None:
    program = f"""
import os, signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(130))
assert os.getsid(0) == os.getpid()
print("{EVENT}", file=sys.stderr, flush=True)
signal.pause()
"""
    told: list[tuple[str, str]] = []
    found = processes(program, told)
    for name in ("acme", "bolt"):
        found.start(name, f"{name}.1")
    while len(told) < 2:
        assert found.wait() == ()
    found.interrupt()
    assert [one.code for one in ended(found)] == [130, 130]


@pytest.mark.timeout(60)
def test_a_child_whose_parent_is_killed_goes_on_and_ends_its_work(tmp_path: Path) -> None:
    child = f"""
import pathlib, sys, time
folder = pathlib.Path({str(tmp_path)!r})
(folder / "began").touch()
while not (folder / "alone").exists():
    time.sleep(0.05)
for number in range(1000):
    print("{EVENT}", number, file=sys.stderr, flush=True)
(folder / "ended").touch()
"""
    parent = f"""
import sys
from kastellan.adapters.run_processes import RunProcesses
found = RunProcesses(lambda *_: [sys.executable, "-c", {child!r}], environment={{}}, on_line=lambda *_: True)
found.start("acme", "acme.1")
while True:
    found.wait()
"""
    running = subprocess.Popen([sys.executable, "-c", parent])
    until((tmp_path / "began").exists, seconds=30)
    os.kill(running.pid, signal.SIGKILL)
    running.wait(10)
    (tmp_path / "alone").touch()
    until((tmp_path / "ended").exists, seconds=30)
