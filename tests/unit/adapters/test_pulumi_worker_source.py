"""Where the children of operations come from: as good as started for themselves, and nothing is left of them."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kastellan.adapters.pulumi.processes import is_alive, session_of
from kastellan.adapters.pulumi.worker_source import Child, WorkerSource
from tests.waiting import until

PULUMI = """#!{python} -IS
import json, os, sys
if "version" in sys.argv:
    sys.exit(print("v3.259.0"))
seen = {{"environment": dict(os.environ), "folder": os.getcwd(), "files": os.listdir("/proc/self/fd")}}
print(json.dumps({{"version": 3, "deployment": seen}}))
"""


@pytest.fixture
def source() -> Iterator[WorkerSource]:
    made = WorkerSource()
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    program = tmp_path / "pulumi"
    program.write_text(PULUMI.format(python=sys.executable))
    program.chmod(0o755)
    (tmp_path / "Pulumi.yaml").write_text("name: installation\nruntime: python\n")
    return tmp_path


def _started(source: WorkerSource, folder: Path, **more: str) -> Child:
    with tempfile.TemporaryFile() as errors:
        environment = {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", **more}
        return source.start(environment=environment, folder=str(folder), errors=errors)


def _answer(child: Child, folder: Path) -> Any:
    """What the engine saw that a child called."""
    request = {"operation": "export", "stack": "acme", "project": str(folder), "grace_seconds": 5}
    child.stdin.write(json.dumps(request).encode() + b"\n")
    child.stdin.flush()
    messages = [json.loads(line) for line in child.stdout if b'"end"' in line or b'"ready"' in line]
    assert messages[-1]["code"] == 0
    return messages[-1]["result"]["deployment"]


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def test_a_child_has_a_session_the_environment_and_the_folder_that_were_asked_for_and_nothing_else(
    source: WorkerSource, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OF_THE_CALLER", "1")
    source.warm()
    children = [_started(source, folder, NUMBER=str(number), LONG="x" * 100_000) for number in range(2)]
    assert [session_of(child.pid) for child in children] == [child.pid for child in children]
    for number, child in enumerate(children):
        seen = _answer(child, folder)
        assert seen["folder"] == str(folder)
        assert (seen["environment"]["NUMBER"], len(seen["environment"]["LONG"])) == (str(number), 100_000)
        assert "OF_THE_CALLER" not in seen["environment"]
        assert len(seen["files"]) <= 4  # its three, and the folder that it lists
        source.release(child)


def test_what_is_released_is_reaped_and_nothing_outlives_the_source(source: WorkerSource, folder: Path) -> None:
    child = _started(source, folder)
    process = source._process
    assert process is not None
    assert _children(process.pid) == [str(child.pid)]
    os.killpg(child.pid, signal.SIGKILL)
    until(lambda: not is_alive(child.pid))
    assert _children(process.pid) == [str(child.pid)]  # nobody else may get its number yet
    source.release(child)
    second = _started(source, folder)
    assert _children(process.pid) == [str(second.pid)]
    os.killpg(second.pid, signal.SIGKILL)
    source.release(second)
    source.close()
    assert not is_alive(process.pid)


def test_a_source_that_was_killed_is_followed_by_another_one_and_its_child_goes_on(
    source: WorkerSource, folder: Path
) -> None:
    first = _started(source, folder)
    assert source._process is not None
    source._process.kill()
    second = _started(source, folder)
    for child in (first, second):
        assert _answer(child, folder)["folder"] == str(folder)
        source.release(child)


def test_a_caller_that_is_killed_takes_the_source_with_it(folder: Path) -> None:
    program = (
        "import sys, time\n"
        "from kastellan.adapters.pulumi.worker_source import SOURCE\n"
        "SOURCE.warm()\n"
        "print(SOURCE._process.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as caller:
        assert caller.stdout is not None
        source = int(caller.stdout.readline())
        assert is_alive(source)
        caller.kill()
    until(lambda: not is_alive(source))


def test_a_caller_that_ends_leaves_no_source(folder: Path) -> None:
    program = (
        "from kastellan.adapters.pulumi.worker_source import SOURCE\n"
        "SOURCE.warm()\n"
        "print(SOURCE._process.pid, flush=True)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not is_alive(int(done.stdout))
    assert done.stderr == ""
