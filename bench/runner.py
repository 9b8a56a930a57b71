"""What a maintenance run takes beyond Pulumi, the probes and the dump: real engine, API server and PostgreSQL."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
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
_PROGRAMS = ("pulumi", "pg_dump", "pg_restore", "psql")
_PROBES = (StepName.PREFLIGHT, StepName.VERIFICATION, StepName.SOAK)
"""Steps in which probes ask and are waited for."""
_SOAK_SECONDS = 5
_TIMED = """#!/bin/sh
begun=$(date +%s%N)
{program} "$@"
code=$?
echo "$begun $(date +%s%N)" >> {log}
exit $code
"""
"""Stands before a program on PATH and notes when it ran; whatever starts and feeds the program is not in it."""

Span = tuple[float, float]
"""From, until: seconds since the epoch."""


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
            (folder / "programs.log").unlink(missing_ok=True)
            (began, ended), probes, peak = _maintain(stack, folder)
            whole.append(ended - began)
            own.append(ended - began - covered([*probes, *_program_spans(folder)]))
            memory.append(peak)
    soak = f"a soak of {_SOAK_SECONDS} s is in it"
    how = "`kastellan maintain STACK --events`, with the clock beside every `pulumi` and `pg_dump`"
    return [
        ("a maintenance run that migrates, simulated nodes", f"{Seconds(tuple(whole))}; {soak}", how),
        (
            "of it while no `pulumi`, probe or `pg_dump` ran: starting Python, decisions, journal",
            str(Seconds(tuple(own))),
            how,
        ),
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
    (folder / "bin").mkdir()
    for name in _PROGRAMS:
        found = shutil.which(name, path=f"{binaries()}{os.pathsep}{stack.pulumi.environment['PATH']}")
        if found is None:
            continue
        (folder / "bin" / name).write_text(_TIMED.format(program=found, log=folder / "programs.log"))
        (folder / "bin" / name).chmod(0o755)


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


def _maintain(stack: Stack, folder: Path) -> tuple[Span, list[Span], float]:
    """When a run began and ended, when it probed, and the largest resident set of its process in MiB."""
    arguments, environment = _command(stack, folder, "maintain", stack.name, "--events")
    began = time.time()
    with subprocess.Popen(
        arguments,
        cwd=stack.pulumi.project,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        peak, said = 0.0, []
        spans: dict[str, Span] = {}
        for line in running.stderr or ():
            at = time.time()
            said.append(line)
            peak = _peak(running.pid) or peak
            step = json.loads(line).get("step") if line.startswith("{") else ""
            if step in _PROBES:  # its first line is told when it begins, its last one when it has ended
                spans[step] = (spans.get(step, (at, at))[0], at)
    ended = time.time()
    if running.returncode != 0:
        raise RuntimeError(f"the run ended with {running.returncode}: {''.join(said)[-3000:]}")
    return (began, ended), [*spans.values()], peak


def _program_spans(folder: Path) -> list[Span]:
    lines = (folder / "programs.log").read_text().splitlines()
    return [(int(began) / 1e9, int(ended) / 1e9) for began, _, ended in (line.partition(" ") for line in lines)]


def covered(spans: Iterable[Span]) -> float:
    """Seconds that lie in at least one span."""
    total, until = 0.0, 0.0
    for began, ended in sorted(spans):
        total += max(0.0, ended - max(began, until))
        until = max(until, ended)
    return total


def _peak(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(found[0]) / 1024 if found else 0.0


def _command(stack: Stack, folder: Path, *arguments: str) -> tuple[list[str], dict[str, str]]:
    environment = {
        **stack.pulumi.environment,
        "XDG_STATE_HOME": str(folder / "state"),
        "PATH": os.pathsep.join([str(folder / "bin"), str(binaries()), stack.pulumi.environment["PATH"]]),
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
