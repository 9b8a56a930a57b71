"""An operation and its end, with a stand-in for `pulumi` that only notes the signals it gets.

With the real engine these are tests/lab/test_provisioner.py; here each way of ending takes a second or two.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kastellan.adapters.pulumi.operation import Ended, Operation
from kastellan.adapters.pulumi.processes import is_alive
from kastellan.adapters.system_clock import SystemClock
from tests.waiting import until

ENGINE = """#!{python} -IS
import os, pathlib, signal, sys, time
if "version" in sys.argv:
    sys.exit(print("v3.259.0"))
log = pathlib.Path({log!r})
def note(number, frame):
    with log.open("a") as file: file.write("SIGINT\\n")
    if not {stubborn}: sys.exit(1)
signal.signal(signal.SIGINT, note)
plugin = os.fork()
if plugin == 0:
    os.setpgid(0, 0)  # as Pulumi starts its plugins: a group and pipes of their own
    for number in (1, 2): os.dup2(os.open(os.devnull, os.O_WRONLY), number)
with log.open("a") as file: file.write(f"{{'plugin' if plugin == 0 else 'engine'}} {{os.getpid()}}\\n")
end = time.monotonic() + 60
while time.monotonic() < end: time.sleep(0.1)
"""
CALLER = """
import os, sys
from kastellan.adapters.pulumi.operation import Operation
from kastellan.adapters.system_clock import SystemClock
request = {"operation": "up", "stack": "acme", "project": sys.argv[1]}
operation = Operation(request, environment=os.environ, grace_seconds=20, clock=SystemClock())
operation.run(lambda _: None, deadline=float("inf"), should_stop=lambda: False)
"""


class StandIn:
    """A folder with a `pulumi` that is put first on PATH."""

    def __init__(self, folder: Path, *, stubborn: bool) -> None:
        self.folder = folder
        self.log = folder / "log"
        program = folder / "pulumi"
        program.write_text(ENGINE.format(python=sys.executable, log=str(self.log), stubborn=stubborn))
        program.chmod(0o755)

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "PATH": f"{self.folder}{os.pathsep}{os.environ['PATH']}"}

    @property
    def running(self) -> dict[str, int]:
        """Process ids of engine and plugin, once both have begun."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        found = {name: int(number) for name, _, number in (line.partition(" ") for line in lines) if number}
        return found if len(found) == 2 else {}

    @property
    def signals(self) -> int:
        return self.log.read_text().splitlines().count("SIGINT")

    def run(self, should_stop: Callable[[], bool], *, grace: float = 20) -> Ended:
        request = {"operation": "up", "stack": "acme", "project": str(self.folder)}
        operation = Operation(request, environment=self.environment, grace_seconds=grace, clock=SystemClock())
        return operation.run(lambda _: None, deadline=float("inf"), should_stop=should_stop)

    def require_nothing_alive(self) -> None:
        until(lambda: not [name for name, process in self.running.items() if is_alive(process)], seconds=10)


@pytest.fixture
def engine(tmp_path: Path) -> StandIn:
    return StandIn(tmp_path, stubborn=False)


def test_asked_to_stop_the_engine_gets_one_signal_and_ends_in_order(engine: StandIn) -> None:
    ended = engine.run(lambda: bool(engine.running))
    assert (ended.stopped, ended.killed, ended.code) == (True, False, 1)
    assert engine.signals == 1
    engine.require_nothing_alive()


def test_an_engine_that_does_not_listen_is_killed_after_the_grace_with_its_plugins(tmp_path: Path) -> None:
    engine = StandIn(tmp_path, stubborn=True)
    ended = engine.run(lambda: bool(engine.running), grace=0.5)
    assert (ended.stopped, ended.killed) == (True, True)
    assert engine.signals == 1
    engine.require_nothing_alive()


def test_what_the_caller_raises_goes_on_after_the_engine_was_stopped(engine: StandIn) -> None:
    def interrupted() -> bool:
        if engine.running:
            raise KeyboardInterrupt
        return False

    with pytest.raises(KeyboardInterrupt):
        engine.run(interrupted)
    assert engine.signals == 1
    engine.require_nothing_alive()


def test_a_child_that_is_killed_takes_the_engine_with_it(engine: StandIn) -> None:
    def kill_the_child() -> bool:
        if engine.running:
            os.kill(os.getsid(engine.running["engine"]), signal.SIGKILL)
        return False

    ended = engine.run(kill_the_child)
    assert (ended.stopped, ended.killed, ended.code) == (False, True, None)
    engine.require_nothing_alive()


def test_an_engine_that_is_killed_is_told_apart_from_one_that_failed(engine: StandIn) -> None:
    def kill_the_engine() -> bool:
        if engine.running and is_alive(engine.running["engine"]):
            os.kill(engine.running["engine"], signal.SIGKILL)
        return False

    ended = engine.run(kill_the_engine)
    assert (ended.stopped, ended.killed, ended.code) == (False, True, -signal.SIGKILL)
    engine.require_nothing_alive()


def test_a_caller_that_is_killed_leaves_an_engine_that_ends_in_order(engine: StandIn) -> None:
    caller = subprocess.Popen([sys.executable, "-c", CALLER, str(engine.folder)], env=engine.environment)
    found = until(lambda: engine.running)
    caller.kill()
    caller.wait()
    until(lambda: not is_alive(found["engine"]))
    assert engine.signals == 1


def test_a_deadline_that_has_passed_starts_nothing(engine: StandIn) -> None:
    ended = engine.run(lambda: True)
    assert (ended.stopped, ended.killed, ended.code) == (True, False, None)
    assert not engine.log.exists()
