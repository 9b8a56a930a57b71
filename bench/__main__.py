"""`python -m bench`: measures, and writes docs/benchmarks.md with the command behind every figure."""

import os
import platform
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from bench.measure import Seconds, command, peak_memory, seconds
from kastellan.adapters.evidence.preflight_run import run_preflight
from kastellan.adapters.kubernetes.api_cluster import ApiCluster
from kastellan.adapters.kubernetes.connection import connect
from kastellan.adapters.system_clock import SystemClock
from kastellan.cli.preflight_target import bare_target
from lab.postgres import Postgres
from lab.pulumi_cli import PulumiCli
from lab.real import RealCluster, why_not
from lab.simulated import SimulatedCluster, shapes
from lab.stack import MASTERKEY, Stack, write_catalogue
from lab.tools import TOOLS, ensure

ROOT = Path(__file__).parent.parent
DIGEST = "sha256:" + "a" * 64
Row = tuple[str, str, str]


class Quiet:
    """Takes progress and tells nobody."""

    def report(self, step: str, text: str, *, done: int = 0, total: int = 0) -> None:
        pass


def main() -> None:
    ensure(tuple(TOOLS))
    rows: list[Row] = []
    for part in (help_time, lab_start, preflight, pulumi_up):
        print(f"measuring: {part.__name__.replace('_', ' ')}", file=sys.stderr, flush=True)
        rows += part()
    target = ROOT / "docs" / "benchmarks.md"
    target.write_text(document(rows), encoding="utf-8")
    print(f"wrote {target}")


def help_time() -> list[Row]:
    kastellan = Path(sys.executable).with_name("kastellan")
    bare = seconds(command([sys.executable, "-c", "pass"], environment=os.environ), runs=9)
    rows = [("a bare Python, for comparison", str(bare), "`python -c pass`")]
    for name in ("--help", "schema"):
        taken = seconds(command([kastellan, name], environment=os.environ), runs=9)
        rows.append(
            (f"`kastellan {name}`", f"{taken}; {ratio(taken, bare)} times a bare Python", f"`kastellan {name}`")
        )
    return rows


def lab_start() -> list[Row]:
    def simulated() -> None:
        SimulatedCluster().close()

    began = time.perf_counter()
    cluster = SimulatedCluster()
    up = time.perf_counter() - began
    cluster.close()
    rows = [
        ("lab, simulated nodes: up", f"{up:.2f} s (one run)", "`python -m lab up`"),
        ("lab, simulated nodes: up and down", str(seconds(simulated, runs=3)), "`python -m lab up`, Ctrl-C"),
    ]
    if (reason := why_not()) is not None:
        return [*rows, ("lab, three real nodes", f"not measured: {reason}", "`python -m lab up --nodes real`")]
    began = time.perf_counter()
    with RealCluster():
        up = time.perf_counter() - began
    return [*rows, ("lab, three real nodes: up", f"{up:.2f} s (one run)", "`python -m lab up --nodes real`")]


class CountingCluster(ApiCluster):
    """Counts requests."""

    sent = 0

    def _send(self, *arguments: Any, **options: Any) -> Any:
        self.sent += 1
        return super()._send(*arguments, **options)


def preflight() -> list[Row]:
    rows: list[Row] = []
    with Postgres() as postgres, tempfile.TemporaryDirectory() as folder:
        postgres.create_role("zitadel", "password")
        postgres.create_database("zitadel", owner="zitadel")
        ca = Path(folder) / "ca.pem"
        ca.write_text(postgres.ca_pem)
        for count in (99, 999):
            with SimulatedCluster(nodes=shapes(count // 3)) as cluster:
                url = f"postgresql://zitadel@{postgres.host}:{postgres.port}/zitadel"
                kastellan = Path(sys.executable).with_name("kastellan")
                arguments = [
                    kastellan, "preflight", "--kubeconfig", cluster.kubeconfig, "--database", url, "--database-ca", ca,
                ]  # fmt: skip
                environment = {**os.environ, "PGPASSWORD": "password"}
                taken = seconds(command(arguments, environment=environment), runs=5)
                memory = peak_memory(arguments, environment=environment)
                rows.append(
                    (
                        f"preflight, {count} nodes",
                        f"{taken}; {requests_of_preflight(cluster)} requests; {memory:.0f} MiB",
                        "`kastellan preflight --kubeconfig … --database …`",
                    )
                )
    return rows


def requests_of_preflight(cluster: SimulatedCluster) -> int:
    target = bare_target(cluster.kubeconfig_text, "", None, size="small", namespace="zitadel")
    counting = connect(target.kubeconfig)
    counting.__class__ = CountingCluster
    run_preflight(
        counting, None, target.installation, target.manifests, target="bench", clock=SystemClock(), progress=Quiet()
    )
    return counting.sent  # type: ignore[attr-defined]  # its class was exchanged above


def pulumi_up() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder, SimulatedCluster() as cluster, Postgres() as postgres:
        postgres.create_role("zitadel", "password")
        postgres.create_database("zitadel", owner="zitadel")
        pulumi = PulumiCli(Path(folder) / "ours")
        stack = our_stack(pulumi, cluster, postgres)
        first = seconds(up(stack.pulumi, stack.name), runs=1)
        nothing = seconds(up(stack.pulumi, stack.name, "--expect-no-changes"), runs=5)
        bare = bare_stack(Path(folder) / "bare")
        up(bare, "bare")()
        compared = seconds(up(bare, "bare", "--expect-no-changes"), runs=5)
    return [
        ("first `pulumi up`, simulated nodes", str(first), "`pulumi up --yes --skip-preview`"),
        ("a stack without resources, nothing to do", str(compared), "`pulumi up --expect-no-changes`"),
        (
            "an installation, nothing to do",
            f"{nothing}; {ratio(nothing, compared)} times the stack without resources",
            "`pulumi up --expect-no-changes`",
        ),
    ]


def our_stack(pulumi: PulumiCli, cluster: SimulatedCluster, postgres: Postgres) -> Stack:
    write_catalogue(pulumi.project / "catalogue.yaml", {"v4.13.0": (f"localhost/a@{DIGEST}", f"localhost/b@{DIGEST}")})
    (pulumi.project / "customer.kubeconfig").write_text(cluster.kubeconfig_text)
    values: dict[str, Any] = {
        "platform": "existing",
        "version": "v4.13.0",
        "domain": "id.customer.example",
        "cluster": {"kubeconfigPath": "customer.kubeconfig"},
        "catalogue": "catalogue.yaml",
        "verification": "readiness",
        "database": {"host": postgres.host, "port": postgres.port, "ca": postgres.ca_pem},
    }
    return Stack(pulumi, "bench", values, secrets={"masterkey": MASTERKEY, "database.password": "password"})


def bare_stack(home: Path) -> PulumiCli:
    """The same engine and language, with a program that declares nothing."""
    pulumi = PulumiCli(home)
    (pulumi.project / "stacks" / "__main__.py").write_text("import pulumi\n\npulumi.export('nothing', 1)\n")
    project = yaml.safe_load((pulumi.project / "Pulumi.yaml").read_text())
    del project["plugins"]
    (pulumi.project / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    pulumi.run("stack", "init", "bare")
    return pulumi


def up(pulumi: PulumiCli, stack: str, *arguments: str) -> Any:
    def act() -> None:
        done = pulumi.run("up", "--yes", "--skip-preview", "--stack", stack, *arguments)
        if done.returncode != 0:
            raise RuntimeError(done.stdout + done.stderr)

    return act


def ratio(one: Seconds, other: Seconds) -> str:
    return f"{one.median / other.median:.1f}"


def document(rows: list[Row]) -> str:
    first_run = yaml.safe_load((Path(__file__).parent / "first_run.yaml").read_text(encoding="utf-8"))
    lines = [
        "# Benchmarks",
        "",
        f"Written by `make bench` on {datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} cores, {platform.system()} "
        f"{platform.machine()}, Python {platform.python_version()}. Machines differ; the ratios travel better than the "
        "seconds.",
        "",
        "| what | measured | command |",
        "|---|---|---|",
        *(f"| {what} | {value} | {how} |" for what, value, how in rows),
        "",
        "## The first time on a machine",
        "",
        "Measured by hand from a fresh clone, because it builds Kubernetes and Pulumi (`bench/first_run.yaml`).",
        "",
        "| what | measured | command |",
        "|---|---|---|",
        *(f"| {row['what']} | {row['measured']} | `{row['command']}` |" for row in first_run),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
