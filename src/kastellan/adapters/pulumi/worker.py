"""The child process of one operation: calls Pulumi's Automation API and tells its parent what happens.

The Automation API has no way to stop an operation, and its engine shares the process group of whoever calls it. Here
it has a session of its own: the parent's SIGINT to this process group reaches the engine and nothing else, because
this process only takes note of it, and plugins have groups of their own.

The first line of standard input is the request. Its end means that the parent is gone: the engine is then asked to
stop, and everything is killed after the grace. Standard output is one JSON object a line.
"""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from pulumi.automation import CommandResult, Deployment, EngineEvent, LocalWorkspace, OutputMap, PulumiCommand, Stack
from pulumi.automation.errors import CommandError

from kastellan.adapters.pulumi.engine_message import message_of
from kastellan.adapters.pulumi.processes import kill_session

Say = Callable[[Mapping[str, Any]], None]

_EXIT_CODE = re.compile(r"\A\s*code: (-?\d+)")


class _StoppedError(Exception):
    """Asked to stop before the engine was started."""


class _Stop:
    """Whether this process was asked to stop."""

    def __init__(self) -> None:
        self.asked = False
        # A handler, not SIG_IGN: an ignored signal would stay ignored in the engine.
        signal.signal(signal.SIGINT, self._note)

    def _note(self, number: int, frame: object) -> None:
        self.asked = True


class _Command(PulumiCommand):
    """The `pulumi` on PATH, which is not started any more once this process was asked to stop.

    Attributes:
        said: lines of standard error of the last command.
    """

    def __init__(self, stop: _Stop) -> None:
        self.said: list[str] = []
        self._stop = stop
        try:
            super().__init__()
        except subprocess.CalledProcessError:
            if stop.asked:  # it was `pulumi version` that the signal met
                raise _StoppedError from None
            raise

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: Callable[[str], Any] | None = None,
        on_error: Callable[[str], Any] | None = None,
    ) -> CommandResult:
        """Run one command."""
        if self._stop.asked:
            raise _StoppedError
        self.said.clear()
        return super().run(args, cwd, additional_env, on_output, self.said.append)


class _ExistingStack(Stack):
    """A stack that is there already.

    It is not selected, because that would write the user's `workspace.json`, which concurrent runs share. Outputs and
    history are not read after an operation: they cost two more commands each, and hold secrets.
    """

    def __init__(self, name: str, workspace: LocalWorkspace) -> None:
        self.name = name
        self.workspace = workspace

    def outputs(self) -> OutputMap:
        """None; see the class."""
        return {}

    def info(self, show_secrets: bool = False) -> Any:
        """Something that is not None, which the Automation API asserts; see the class."""
        return self


def main() -> None:
    """Carry out one request."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints must not break the lines
    writing = threading.Lock()

    def say(message: Mapping[str, Any]) -> None:
        with writing:
            answers.write(json.dumps(message) + "\n")
            answers.flush()

    stop = _Stop()
    say({"kind": "ready"})
    request = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, args=(request["grace_seconds"],), daemon=True).start()
    said: list[str] = []
    try:
        command = _Command(stop)
        said = command.said
        stack = _ExistingStack(request["stack"], LocalWorkspace(work_dir=request["project"], pulumi_command=command))
        say({"kind": "end", "code": 0, "result": _OPERATIONS[request["operation"]](stack, request, say)})
    except _StoppedError:
        say({"kind": "end", "code": None})
    except CommandError as problem:
        code = _EXIT_CODE.match(str(problem))
        say({"kind": "end", "code": int(code[1]) if code else 1, "said": "\n".join(said)})


def _preview(stack: Stack, request: Mapping[str, Any], say: Say) -> None:
    stack.preview(color="never", on_event=_teller(say))


def _drift(stack: Stack, request: Mapping[str, Any], say: Say) -> None:
    stack.preview_refresh(color="never", on_event=_teller(say))


def _up(stack: Stack, request: Mapping[str, Any], say: Say) -> None:
    stack.up(color="never", on_event=_teller(say), message="brought by kastellan")


def _export(stack: Stack, request: Mapping[str, Any], say: Say) -> dict[str, Any]:
    state = stack.export_stack()
    return {"version": state.version, "deployment": state.deployment}


def _import(stack: Stack, request: Mapping[str, Any], say: Say) -> None:
    state = request["state"]
    stack.import_stack(Deployment(version=state["version"], deployment=state["deployment"]))


_OPERATIONS: Mapping[str, Callable[[Stack, Mapping[str, Any], Say], Any]] = {
    "preview": _preview,
    "drift": _drift,
    "up": _up,
    "export": _export,
    "import": _import,
}


def _teller(say: Say) -> Callable[[EngineEvent], None]:
    """Tells events in their order; says so where one is missing, because the SDK drops what it cannot read."""
    expected: list[int] = []

    def tell(event: EngineEvent) -> None:
        if expected and event.sequence != expected[0]:
            say({"kind": "lost"})
        expected[:] = [event.sequence + 1]
        message = message_of(event)
        if message is not None:
            say(message)

    return tell


def _end_with_parent(grace_seconds: float) -> None:
    """Wait for the parent's end; then ask the engine to stop, and kill everything after the grace."""
    while os.read(sys.stdin.fileno(), 1024):  # unbuffered: a lock of the buffer would be missed at this process' exit
        pass
    os.killpg(0, signal.SIGINT)
    time.sleep(grace_seconds)
    kill_session(os.getsid(0))


if __name__ == "__main__":
    main()
