"""The provisioner with the real Pulumi engine: its contract, and what it does about kills, locks and lost callers.

One installation goes from release to release through all of these tests, because each first `up` costs seconds.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kastellan.adapters.pulumi import pulumi_provisioner
from kastellan.adapters.pulumi.processes import is_alive
from kastellan.adapters.pulumi.pulumi_provisioner import PulumiProvisioner
from kastellan.adapters.system_clock import SystemClock
from kastellan.domain.configured_release import ConfiguredRelease
from kastellan.domain.errors import BlockedError, InvalidInputError, StuckError, UnreachableError
from kastellan.domain.version import Version
from kastellan.ports.provisioner import StepRecord, UpEnd, UpOutcome
from lab.postgres import Postgres
from lab.pulumi_cli import PulumiCli
from lab.simulated import SimulatedCluster
from lab.stack import MASTERKEY, Stack
from tests.contracts.provisioner import LONG, ProvisionerContract
from tests.lab.conftest import fresh_database
from tests.lab.engine import HELD, everything_released, installation_stack, pod
from tests.waiting import until

CALLER = """
import os, sys
from pathlib import Path
from kastellan.adapters.pulumi.pulumi_provisioner import PulumiProvisioner
from kastellan.adapters.system_clock import SystemClock
clock = SystemClock()
provisioner = PulumiProvisioner(Path(sys.argv[1]), environment=os.environ, clock=clock, grace_seconds=30)
provisioner.up(sys.argv[2], deadline=clock.monotonic() + 300, on_event=lambda _: None)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """The installation that these tests share."""

    stack: Stack
    cluster: SimulatedCluster
    provisioner: PulumiProvisioner

    @property
    def name(self) -> str:
        return self.stack.name

    def configure(self, version: str) -> None:
        self.provisioner.write_version(self.name, ConfiguredRelease(version=Version.parse(version)))

    def up(self) -> UpOutcome:
        deadline = time.monotonic() + LONG
        return self.provisioner.up(self.name, deadline=deadline, on_event=lambda _: None)

    def pod(self, component: str, version: str) -> str:
        return pod(self.cluster, self.name, component, version)


@pytest.fixture(scope="module")
def installed(
    simulated_cluster: SimulatedCluster, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installed]:
    pulumi = PulumiCli(tmp_path_factory.mktemp("provisioner") / "pulumi")
    with installation_stack(pulumi, simulated_cluster, fresh_database(postgres), "provisioner") as stack:
        provisioner = PulumiProvisioner(
            pulumi.project, environment=pulumi.environment, clock=SystemClock(), grace_seconds=30
        )
        found = Installed(stack=stack, cluster=simulated_cluster, provisioner=provisioner)
        assert found.up().end is UpEnd.SUCCEEDED
        yield found


class TestPulumiProvisioner(ProvisionerContract):
    @pytest.fixture
    def provisioner(self, installed: Installed) -> PulumiProvisioner:
        return installed.provisioner

    @pytest.fixture
    def stack(self, installed: Installed) -> str:
        return installed.name

    @pytest.fixture
    def now(self) -> Callable[[], float]:
        return time.monotonic

    @pytest.fixture
    def locked(self, installed: Installed, tmp_path: Path) -> Iterator[Callable[[str], None]]:
        """Somebody's engine that lives, as far as another process can see: its name, and the lock that it wrote."""
        program = tmp_path / "pulumi"
        program.symlink_to("/bin/sleep")
        running = subprocess.Popen([program, "600"])
        content = {
            "pid": running.pid,
            "username": "zoe",
            "hostname": socket.gethostname(),
            "timestamp": datetime.now(UTC).isoformat(),
        }
        folder = installed.stack.pulumi.home / "state" / ".pulumi" / "locks" / "organization" / "installation"
        path = folder / installed.name / "somebody.json"

        def lock(stack: str) -> None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(content))

        yield lock
        path.unlink(missing_ok=True)
        running.kill()
        running.wait()

    def test_of_a_backend_that_shows_no_locks_the_engine_says_who_has_held_one_since_when(
        self, installed: Installed, locked: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """`azblob://`: a backend in a folder stands for it, because the text is the engine's own."""
        locked(installed.name)
        (lock,) = installed.provisioner.locks(installed.name)
        monkeypatch.setattr(pulumi_provisioner, "lock_files", lambda url: None)
        with pytest.raises(StuckError, match="cannot be read from here"):
            installed.provisioner.locks(installed.name)
        with pytest.raises(BlockedError) as blocked:
            installed.up()
        (reason,) = blocked.value.reasons
        assert reason.code == "stack-locked"
        assert reason.message == f"stack {installed.name} is locked by {lock}"


@dataclass
class Running:
    """An `up` in a thread of this process, or in a process of its own."""

    finish: Callable[[], UpOutcome | None]
    caller: int


def begin(installed: Installed, *, in_a_process: bool, stop: threading.Event) -> Running:
    if in_a_process:
        arguments = [sys.executable, "-c", CALLER, str(installed.stack.pulumi.project), installed.name]
        process = subprocess.Popen(arguments, env=installed.stack.pulumi.environment)

        def ended() -> None:
            process.wait(60)

        return Running(finish=ended, caller=process.pid)
    outcomes: list[UpOutcome] = []

    def run() -> None:
        outcome = installed.provisioner.up(
            installed.name,
            deadline=time.monotonic() + LONG,
            on_event=lambda _: None,
            should_stop=stop.is_set,
        )
        outcomes.append(outcome)

    thread = threading.Thread(target=run)
    thread.start()

    def finish() -> UpOutcome:
        thread.join(120)
        return outcomes[0]

    return Running(finish=finish, caller=os.getpid())


def processes(caller: int, *, doing: bytes = b"", but: Sequence[int] = ()) -> dict[str, list[int]]:
    """Child, engine and providers of an operation, by who started whom; empty while one of them is missing."""
    sources = _started(caller, b"adapters.pulumi.worker_source")
    workers = [worker for source in sources for worker in children(source)]
    started = [engine for worker in workers for engine in _started(worker, b"pulumi\0") if engine not in but]
    engines = [engine for engine in started if doing in _of(engine, "cmdline")]
    providers = [one for engine in engines for one in _started(engine, b"pulumi-resource-kastellan")]
    return {"worker": workers, "engine": engines, "provider": providers} if providers else {}


def _started(parent: int, word: bytes) -> list[int]:
    return [child for child in children(parent) if word in _of(child, "cmdline")]


def children(parent: int) -> list[int]:
    return [
        int(child) for task in Path(f"/proc/{parent}/task").glob("*") for child in _of(parent, task, "children").split()
    ]


def _of(process: int, *path: str | Path) -> bytes:
    """A file of a process; empty where it has ended."""
    try:
        return Path(f"/proc/{process}", *path).read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


VICTIMS = {
    "nobody, but it is asked to stop": (None, "setup", UpEnd.STOPPED),
    "engine": ("engine", "rollout", UpEnd.KILLED),
    "provider": ("provider", "setup", UpEnd.KILLED),
    "worker": ("worker", "rollout", UpEnd.KILLED),
    "caller": ("caller", "setup", None),
    "caller and worker": ("both", "setup", None),
}


@pytest.mark.parametrize(("victim", "version"), [*zip(VICTIMS, HELD, strict=True)])
def test_a_kill_in_the_middle_is_recovered_from_and_the_next_up_completes(
    installed: Installed, victim: str, version: str
) -> None:
    target, moment, expected = VICTIMS[victim]
    installed.configure(version)
    stop = threading.Event()
    running = begin(installed, in_a_process=expected is None, stop=stop)
    reach(installed, moment, version)
    found = until(lambda: processes(running.caller))
    if target is None:
        stop.set()
    for process in [running.caller] * (target in ("caller", "both")) + found.get(target or "", []):
        os.kill(process, signal.SIGKILL)
    if target == "both":
        os.kill(found["worker"][0], signal.SIGKILL)
    outcome = running.finish()
    if outcome is not None:
        assert outcome.end is expected, outcome
        assert outcome.reasons
        assert release_of(outcome).succeeded is False
    in_order = target in (None, "provider")
    if in_order:
        assert installed.provisioner.locks(installed.name) == (), "an engine that ends in order takes its lock away"
    done = installed.provisioner.recover(installed.name)
    if target != "caller":  # whose child may have ended the engine in order before anybody looked
        assert bool(done) is not in_order, done
    assert not [one for started in found.values() for one in started if is_alive(one)]

    with everything_released(installed.name, installed.cluster):
        outcome = installed.up()
    assert outcome.end is UpEnd.SUCCEEDED, outcome.reasons
    assert installed.provisioner.locks(installed.name) == ()
    assert state(installed.stack)["deployment"].get("pending_operations", []) == []
    require_nothing_left_over(installed.cluster, installed.name, version)


def test_after_all_kills_nothing_differs_from_what_was_brought(installed: Installed) -> None:
    assert installed.provisioner.drift(installed.name) == ()


def test_nothing_that_was_said_or_recorded_holds_a_secret(installed: Installed) -> None:
    installed.configure("v4.15.0")
    said: list[str] = []
    planned = installed.provisioner.preview(installed.name)
    outcome = installed.provisioner.up(
        installed.name, deadline=time.monotonic() + LONG, on_event=lambda event: said.append(repr(event))
    )
    assert outcome.end is UpEnd.SUCCEEDED
    text = "\n".join([*said, repr(planned), repr(outcome)])
    assert any("setup" in line for line in said), "what the provider says must be passed on"
    for secret in (MASTERKEY, "secret-of-the-test", "PRIVATE KEY"):
        assert secret not in text


REFUSALS: dict[str, tuple[dict[str, str | None], type[Exception], str]] = {
    "a wrong passphrase": ({"PULUMI_CONFIG_PASSPHRASE": "wrong"}, InvalidInputError, "does not fit the secrets"),
    "no passphrase": ({"PULUMI_CONFIG_PASSPHRASE": None}, InvalidInputError, "no passphrase is given"),
    "another backend": ({"PULUMI_BACKEND_URL": "file://{empty}"}, InvalidInputError, "there is no stack"),
    "no backend": ({"PULUMI_BACKEND_URL": None}, InvalidInputError, "logged in to no backend"),
    "a backend that is down": (
        {"PULUMI_BACKEND_URL": "postgres://me:geheim@127.0.0.1:1/x?sslmode=disable"},
        UnreachableError,
        "does not answer",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_is_wrong_with_passphrase_or_backend_is_told_with_a_remedy(
    installed: Installed, case: str, tmp_path: Path
) -> None:
    changes, expected, says = REFUSALS[case]
    environment: dict[str, str] = {**installed.stack.pulumi.environment, "PULUMI_HOME": str(tmp_path / "home")}
    for name, value in changes.items():
        environment.pop(name)
        if value is not None:
            environment[name] = value.format(empty=tmp_path)
    provisioner = PulumiProvisioner(installed.stack.pulumi.project, environment=environment, clock=SystemClock())
    with pytest.raises(expected, match=says) as refused:
        provisioner.preview(installed.name)
    assert "vendor acts:" in str(refused.value)
    assert "geheim" not in str(refused.value)


def reach(installed: Installed, moment: str, version: str) -> None:
    """Let the jobs of a release go until it is at a moment, where it is held."""
    until(lambda: installed.pod("zitadel-init", version) and installed.cluster.release(installed.name), seconds=60)
    until(lambda: installed.pod("zitadel-setup", version), seconds=60)
    if moment == "rollout":
        until(lambda: installed.cluster.release(installed.name))
        until(lambda: installed.pod("zitadel", version), seconds=60)


def release_of(outcome: UpOutcome) -> StepRecord:
    (found,) = [step for step in outcome.steps if step.type == "kastellan:index:Release"]
    return found


def state(stack: Stack) -> dict[str, Any]:
    exported: dict[str, Any] = json.loads(stack.pulumi.run("stack", "export", "--stack", stack.name).stdout)
    return exported


def require_nothing_left_over(cluster: SimulatedCluster, namespace: str, version: str) -> None:
    """The setup ran to success exactly once, and there are the two jobs of this release alone."""
    pods = cluster.request("GET", f"/api/v1/namespaces/{namespace}/pods")["items"]
    job = f"zitadel-setup-{version.replace('.', '-')}"
    assert [p["status"]["phase"] for p in pods if job in p["metadata"]["name"]] == ["Succeeded"]
    jobs = cluster.kubectl("-n", namespace, "get", "jobs", "-o", "name").split()
    assert len(jobs) == 2, f"something is left over: {jobs}"
