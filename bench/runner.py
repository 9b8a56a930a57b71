"""What a maintenance run takes beyond Pulumi, the probes and the dump: real engine, API server and PostgreSQL."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from bench.measure import Row, Seconds
from bench.up import DIGEST, our_stack, up
from kastellan.domain.run_step import StepName
from lab.postgres import Postgres, binaries
from lab.pulumi_cli import PulumiCli
from lab.simulated import SimulatedCluster
from lab.stack import Stack, write_catalogue

RUNS = 3
_OUTSIDE = (
    StepName.PREFLIGHT, StepName.DRIFT, StepName.RESTORE_POINT, StepName.PREVIEW_GUARD, StepName.UP,
    StepName.VERIFICATION, StepName.SOAK,
)  # fmt: skip
"""Steps that are calls of the engine, of probes or of `pg_dump` and little else."""
_SOAK_SECONDS = 5


def measure() -> list[Row]:
    """Emergencies, one after the other; of each the wall's clock, and what the journal says of its steps."""
    with tempfile.TemporaryDirectory() as text, SimulatedCluster() as cluster, Postgres() as postgres:
        folder = Path(text)
        postgres.create_role("zitadel", "password")
        postgres.create_database("zitadel", owner="zitadel")
        stack = our_stack(PulumiCli(folder / "ours"), cluster, postgres)
        _prepare(stack, folder)
        up(stack.pulumi, stack.name)()
        whole, own, memory = [], [], []
        for patch in range(1, RUNS + 1):
            _announce(stack, folder, patch)
            secrets = _secrets(stack)
            wall, peak = _maintain(stack, folder)
            whole.append(wall)
            own.append(wall - _outside(stack, folder) - secrets)
            memory.append(peak)
    soak = f"a soak of {_SOAK_SECONDS} s is in it"
    how = "`kastellan maintain STACK`, its journal, and `pulumi config` beside it"
    return [
        ("a maintenance run that migrates, simulated nodes", f"{Seconds(tuple(whole))}; {soak}", how),
        ("of it not in Pulumi, probes or `pg_dump`: start, decisions, journal", str(Seconds(tuple(own))), how),
        ("memory of the runner", f"{max(memory):.0f} MiB", "`VmHWM` of its process (proc(5))"),
    ]


def _prepare(stack: Stack, folder: Path) -> None:
    stack.change(
        contract={
            "plan": "advanced",
            "zone": "Europe/Zurich",
            "notify": ["operations"],
            "terms": {"emergencyLead": "0h"},
            "runs": {"soak": f"{_SOAK_SECONDS}s"},
        },
        restorePoints={"directory": str(folder / "restore-points")},
        probes={"externalName": False},  # no name server knows it
    )
    (folder / "out").mkdir()
    (folder / "channels.yaml").write_text(f"operations: {(folder / 'out').as_uri()}\n")
    (folder / "channels.yaml").chmod(0o600)


def _announce(stack: Stack, folder: Path, patch: int) -> None:
    """One more security release, whose notice was received."""
    catalogue = stack.pulumi.project / "catalogue.yaml"
    images = (f"localhost/a@{DIGEST}", f"localhost/b@{DIGEST}")
    write_catalogue(catalogue, dict.fromkeys([f"v4.13.{number}" for number in range(patch + 1)], images))
    document = yaml.safe_load(catalogue.read_text())
    for release in document["releases"][1:]:
        release["class"] = "security"
    catalogue.write_text(yaml.safe_dump(document))
    for _ in range(2):
        _kastellan(stack, folder, "tick", stack.name, "--channels", str(folder / "channels.yaml"))
        time.sleep(1.1)  # instants are whole seconds


def _maintain(stack: Stack, folder: Path) -> tuple[float, float]:
    """Seconds of a run by the wall's clock, and the largest resident set of its process in MiB."""
    arguments, environment = _command(stack, folder, "maintain", stack.name)
    began = time.perf_counter()
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(arguments, cwd=stack.pulumi.project, env=environment, stdout=log, stderr=log)
        peak = 0.0
        while running.poll() is None:
            peak = _peak(running.pid) or peak
            time.sleep(0.02)
    wall = time.perf_counter() - began
    if running.returncode != 0:
        raise RuntimeError(f"the run ended with {running.returncode}: {(folder / 'log').read_text()[-3000:]}")
    return wall, peak


def _peak(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(found[0]) / 1024 if found else 0.0


def _outside(stack: Stack, folder: Path) -> float:
    """Seconds of the newest run's steps that wait for others, by its journal."""
    run = json.loads(_kastellan(stack, folder, "runs", "--json"))["runs"][0]
    names = {name.value for name in _OUTSIDE}
    steps = [step for step in run["steps"] if step["name"] in names]
    return sum(attempt["milliseconds"] for step in steps for attempt in step["attempts"]) / 1000


def _secrets(stack: Stack) -> float:
    """Seconds in which `pulumi` decrypts the configuration, which a run asks for once, before its first step."""
    began = time.perf_counter()
    stack.pulumi.run("config", "--show-secrets", "--json", "--stack", stack.name)
    return time.perf_counter() - began


def _command(stack: Stack, folder: Path, *arguments: str) -> tuple[list[str], dict[str, str]]:
    environment = {
        **stack.pulumi.environment,
        "XDG_STATE_HOME": str(folder / "state"),
        "PATH": f"{binaries()}{os.pathsep}{stack.pulumi.environment['PATH']}",
    }
    return [str(Path(sys.executable).with_name("kastellan")), *arguments], environment


def _kastellan(stack: Stack, folder: Path, *arguments: str) -> str:
    command, environment = _command(stack, folder, *arguments)
    done = subprocess.run(
        command, cwd=stack.pulumi.project, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{arguments} ended with {done.returncode}: {(done.stdout + done.stderr)[-3000:]}")
    return done.stdout
