"""What a base on each cloud takes of the program, next to a bare program with as many resources of the same SDK.

The clouds are simulated (tests/clouds); cluster and database are the lab's. Processor time is that of the program's own
process: neither the engine nor the providers nor the simulation are in it, nor what else the machine does. The bare
program loads the one part of the SDK that it uses, as the SDK does by itself; what the others cost is in the imports.
"""

import importlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.measure import Row
from lab.pulumi_cli import PulumiCli

if TYPE_CHECKING:
    from tests.clouds.simulated import Simulated

_IMPORTS = {
    "pulumi alone, for comparison": "import pulumi",
    "the program of a customer's cluster": "import kastellan.provision.program",
    "the program with a base on Google Cloud": "import kastellan.provision.program, kastellan.provision.gcp.base",
    "the program with a base on AWS": "import kastellan.provision.program, kastellan.provision.aws.base",
}
_USED = "; import resource; used = resource.getrusage(resource.RUSAGE_SELF); "
_TOLD = _USED + "print(used.ru_utime + used.ru_stime, used.ru_maxrss)"
_AT_ITS_END = f"""
def _told():
    {_USED.removeprefix("; ")}
    with open({{told!r}}, "a") as out:
        print(used.ru_utime + used.ru_stime, used.ru_maxrss, file=out)


__import__("atexit").register(_told)
"""
"""Put before a program: it writes down what its process has used when it ends."""
_BARE = """
import pulumi
import {sdk}
{resources}
"""
_GOOGLE = """
provider = pulumi_gcp.Provider("bare", project="bare-project", region="europe-west6")
for n in range({count}):
    pulumi_gcp.dns.ManagedZone(
        f"zone-{{n}}", name=f"zone-{{n}}", dns_name=f"z{{n}}.example.", description="bare", project="bare-project",
        labels={{"installation": "bare"}}, opts=pulumi.ResourceOptions(provider=provider),
    )
"""
_AMAZON = """
provider = pulumi_aws.Provider("bare", region="eu-central-2")
for n in range({count}):
    pulumi_aws.cloudwatch.LogGroup(
        f"group-{{n}}", name=f"/bare/{{n}}", retention_in_days=30, tags={{"installation": "bare"}},
        opts=pulumi.ResourceOptions(provider=provider),
    )
"""
_RUNS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cloud:
    """A cloud of the comparison.

    Attributes:
        title: for the page.
        sdk: package of the SDK.
        lab: `module:function` of the example stack with everything behind it.
        simulated: `module:class` of the cloud alone.
        resources: source of the bare program's resources.
    """

    title: str
    sdk: str
    lab: str
    simulated: str
    resources: str


_CLOUDS = (
    _Cloud(
        title="Google Cloud",
        sdk="pulumi_gcp",
        lab="tests.lab.google_stack:google_lab",
        simulated="tests.clouds.simulated_google:SimulatedGoogle",
        resources=_GOOGLE,
    ),
    _Cloud(
        title="AWS",
        sdk="pulumi_aws",
        lab="tests.lab.aws_stack:aws_lab",
        simulated="tests.clouds.aws.simulated_aws:SimulatedAmazon",
        resources=_AMAZON,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Used:
    """An operation, several times: the program's least processor time and memory, and the whole operation's median."""

    cpu: float
    memory: float
    seconds: float

    def beside(self, bare: "_Used") -> str:
        return (
            f"{self.cpu:.2f} s of CPU in the program, {self.cpu / bare.cpu:.2f} times the bare one; {self.memory:.0f} "
            f"MiB; {self.seconds:.1f} s in all, {self.seconds / bare.seconds:.2f} times the bare one"
        )

    def __str__(self) -> str:
        return f"{self.cpu:.2f} s of CPU in the program; {self.memory:.0f} MiB; {self.seconds:.1f} s in all"


class _Program:
    """A stack whose program tells what it used."""

    def __init__(self, pulumi: PulumiCli, stack: str, source: str) -> None:
        self._pulumi, self._stack = pulumi, stack
        self._told = pulumi.home / "used"
        main = pulumi.project / "stacks" / "__main__.py"
        main.write_text(_AT_ITS_END.format(told=str(self._told)) + source)

    def run(self, *arguments: str, runs: int = _RUNS) -> _Used:
        """The same operation several times."""
        taken = []
        self._told.unlink(missing_ok=True)
        for _ in range(runs):
            began = time.perf_counter()
            done = self._pulumi.run(*arguments, "--stack", self._stack)
            taken.append(time.perf_counter() - began)
            if done.returncode != 0:
                raise RuntimeError(done.stdout + done.stderr)
        used = [tuple(map(float, line.split())) for line in self._told.read_text().splitlines()]
        return _Used(cpu=min(cpu for cpu, _ in used), memory=min(rss for _, rss in used) / 1024, seconds=median(taken))


_PREVIEW = ("preview",)
_UP = ("up", "--yes", "--skip-preview")
_NOTHING = (*_UP, "--expect-no-changes")


def measure() -> list[Row]:
    """Imports; then for each cloud a first preview and an update with nothing to do, each beside the bare program."""
    used = {title: _imported(line) for title, line in _IMPORTS.items()}
    alone = next(iter(used.values()))[0]
    rows = [
        (
            f"importing {title}",
            f"{taken:.2f} s of CPU, {taken / alone:.1f} times pulumi alone; {memory:.0f} MiB",
            f"`python -c '{_IMPORTS[title]}'`",
        )
        for title, (taken, memory) in used.items()
    ]
    for cloud in _CLOUDS:
        rows += _measured(cloud)
    return rows


def _measured(cloud: _Cloud) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        lab: AbstractContextManager[Any] = _named(cloud.lab)(Path(folder) / "ours")
        with lab as made:
            ours = _Program(
                made.stack.pulumi, made.stack.name, (made.stack.pulumi.project / "stacks" / "__main__.py").read_text()
            )
            first = ours.run(*_PREVIEW)
            ours.run(*_UP, runs=1)
            nothing = ours.run(*_NOTHING)
            count = len(made.cloud.objects)
        with ExitStack() as until_measured:
            pulumi = PulumiCli(Path(folder) / "bare")
            simulated: Simulated = _named(cloud.simulated)(pulumi, Path(folder) / "cloud")
            if isinstance(simulated, AbstractContextManager):
                until_measured.enter_context(simulated)
            pulumi.run("stack", "init", "bare")
            resources = cloud.resources.format(count=count)
            bare = _Program(pulumi, "bare", _BARE.format(sdk=cloud.sdk, resources=resources))
            bare_first = bare.run(*_PREVIEW)
            bare.run(*_UP, runs=1)
            bare_nothing = bare.run(*_NOTHING)
    preview, up = "`pulumi preview`", "`pulumi up --expect-no-changes`"
    yield f"first preview of a bare program, {count} resources on {cloud.title}", str(bare_first), preview
    yield f"first preview of a base on {cloud.title} and its installation", first.beside(bare_first), preview
    yield f"the bare program on {cloud.title}, nothing to do", str(bare_nothing), up
    yield f"the base on {cloud.title} and its installation, nothing to do", nothing.beside(bare_nothing), up


def _imported(line: str) -> tuple[float, float]:
    """Seconds of CPU and MiB; the better of three runs."""
    runs = []
    for _ in range(_RUNS):
        taken, memory = _python(line + _TOLD).split()
        runs.append((float(taken), int(memory) / 1024))
    return min(runs)


def _python(line: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", line], capture_output=True, text=True, check=True, env=dict(os.environ)
    ).stdout


def _named(path: str) -> Callable[..., Any]:
    """What a part needs is imported when it is measured: moto takes seconds."""
    module, _, name = path.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return found
