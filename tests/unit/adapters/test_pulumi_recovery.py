"""Recovery of a stack: whose lock is removed and whose is not, and which pending operations are dropped."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kastellan.adapters.pulumi.operation import OWNER_VARIABLE
from kastellan.adapters.pulumi.processes import birth, is_alive
from kastellan.adapters.pulumi.recovery import Recovery
from kastellan.adapters.pulumi.stack_locks import FoundLock, read_lock, seen_lock
from kastellan.domain.errors import BlockedError
from kastellan.ports.provisioner import Holder, StackLock
from tests.fakes.clock import FakeClock
from tests.waiting import until

HOST = socket.gethostname()
SINCE = datetime(2026, 11, 24, 6, tzinfo=UTC)
RELEASE = "kastellan:index:Release"
DATABASE = "gcp:sql/databaseInstance:DatabaseInstance"


def state(*pending: tuple[str, str]) -> dict[str, Any]:
    noted = [
        {"resource": {"urn": f"urn:pulumi:acme::installation::{kind}::acme", "type": kind}, "type": operation}
        for kind, operation in pending
    ]
    return {"version": 3, "deployment": {"resources": ["kept"], "pending_operations": noted}}


class Backend:
    """Locks and a state in memory."""

    def __init__(self, *locks: StackLock, pending: Sequence[tuple[str, str]] = ()) -> None:
        self.locks = {f"{number}.json": lock for number, lock in enumerate(locks)}
        self.state: Mapping[str, Any] = state(*pending)
        self.reads = 0

    def look(self) -> list[FoundLock]:
        fresh = {
            key: seen_lock(user=lock.user, host=lock.host, process=lock.pid, since=lock.since)
            for key, lock in self.locks.items()
        }
        return [FoundLock(key=key, lock=lock) for key, lock in fresh.items()]

    def read(self) -> Mapping[str, Any]:
        self.reads += 1
        return self.state

    def write(self, new: Mapping[str, Any]) -> None:
        self.state = new

    def recover(self) -> tuple[str, ...]:
        recovery = Recovery(
            "acme",
            look=self.look,
            remove=lambda key: self.locks.pop(key, None) and None,
            read_state=self.read,
            write_state=self.write,
            clock=FakeClock(),
            grace_seconds=10,
        )
        return recovery.run()


def lock(process: int, host: str = HOST) -> StackLock:
    return seen_lock(user="zoe", host=host, process=process, since=SINCE)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Callable[..., int]]:
    """Starts processes that look like engines."""
    program = tmp_path / "pulumi"
    shutil.copy(shutil.which("sleep") or "", program)
    started: list[subprocess.Popen[bytes]] = []

    def start(**environment: str) -> int:
        running = subprocess.Popen([program, "60"], env={**os.environ, **environment}, start_new_session=True)
        started.append(running)
        until(lambda: Path(f"/proc/{running.pid}/comm").read_text().strip() == "pulumi")
        return running.pid

    yield start
    for running in started:
        running.kill()
        running.wait()


def dead_process() -> int:
    ended = subprocess.Popen([sys.executable, "-c", "pass"])
    ended.wait()
    return ended.pid


def test_nothing_left_is_nothing_to_do() -> None:
    assert Backend().recover() == ()


def test_a_lock_of_a_dead_process_is_removed_and_a_pending_release_is_cleared() -> None:
    backend = Backend(lock(dead_process()), pending=[(RELEASE, "creating")])
    first, second = backend.recover()
    assert first.startswith("removed the lock of a process that is gone (zoe@")
    assert second.startswith("cleared the pending operation creating kastellan:index:Release acme")
    assert backend.locks == {}
    assert backend.state == state()
    assert backend.recover() == ()


def test_a_process_id_that_another_program_got_is_not_the_engine() -> None:
    other = subprocess.Popen(["sleep", "60"])
    try:
        assert lock(other.pid).holder is Holder.DEAD
    finally:
        other.kill()
        other.wait()


def test_a_living_engine_is_named_and_neither_its_lock_nor_its_state_is_touched(engine: Callable[..., int]) -> None:
    process = engine()
    backend = Backend(lock(process), lock(dead_process()), pending=[(RELEASE, "updating")])
    with pytest.raises(BlockedError) as blocked:
        backend.recover()
    (reason,) = blocked.value.reasons
    assert reason.code == "stack-locked"
    assert f"zoe@{HOST} (pid {process}) since 2026-11-24T06:00:00Z" in reason.message
    assert "removed the lock" in str(blocked.value), "what was done must be told all the same"
    assert list(backend.locks) == ["0.json"]
    assert backend.reads == 0
    assert is_alive(process)


def test_a_lock_of_another_host_is_left_to_a_person() -> None:
    backend = Backend(lock(1, host="elsewhere"))
    with pytest.raises(BlockedError, match="see on elsewhere whether it still runs"):
        backend.recover()
    assert backend.locks


def test_an_operation_of_another_living_run_is_not_ended(engine: Callable[..., int]) -> None:
    process = engine(**{OWNER_VARIABLE: f"{os.getpid()}:{birth(os.getpid())}"})
    with pytest.raises(BlockedError, match="another run of kastellan, zoe@"):
        Backend(lock(process)).recover()
    assert is_alive(process)


@pytest.mark.parametrize("born", ["1", ""], ids=["its id was given to another", "unreadable"])
def test_an_orphan_of_a_run_that_is_gone_is_ended_and_its_lock_removed(engine: Callable[..., int], born: str) -> None:
    process = engine(**{OWNER_VARIABLE: f"{os.getpid()}:{born}"})
    backend = Backend(lock(process))
    assert [line.split(" (")[0] for line in backend.recover()] == [
        "an operation whose caller is gone was killed",
        "removed the lock of a process that is gone",
    ]
    assert not is_alive(process)


@pytest.mark.parametrize(
    ("kind", "operation", "remediation"),
    [
        (DATABASE, "creating", "`kastellan adopt acme acme`"),
        ("aws:ec2/natGateway:NatGateway", "creating", "`kastellan adopt acme acme`"),
        ("random:index:RandomId", "creating", "pulumi import"),
        (DATABASE, "updating", "pulumi refresh"),
        (DATABASE, "deleting", "--target"),
    ],
)
def test_a_pending_operation_that_could_orphan_something_is_left_to_a_person(
    kind: str, operation: str, remediation: str
) -> None:
    backend = Backend(pending=[(RELEASE, "updating"), (kind, operation)])
    with pytest.raises(BlockedError) as blocked:
        backend.recover()
    (reason,) = blocked.value.reasons
    assert reason.code == "pending-operation"
    assert kind in reason.message
    assert remediation in reason.remediation
    assert backend.state == state((kind, operation)), "what may be dropped is dropped"


def test_a_lock_file_is_read_as_pulumi_writes_it() -> None:
    content = {"pid": 7, "username": "zoe", "hostname": "a", "timestamp": "2026-11-24T07:00:00.123456789+01:00"}
    found = read_lock("x.json", json.dumps(content).encode())
    assert str(found.lock) == "zoe@a (pid 7) since 2026-11-24T06:00:00Z"
    assert found.lock.holder is Holder.ELSEWHERE
    for bad in (b"", b"[]", b'{"pid": 7}', b"null"):
        with pytest.raises(ValueError):
            read_lock("x.json", bad)
