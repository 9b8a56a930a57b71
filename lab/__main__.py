"""`python -m lab`: build the tools, run a cluster to look at, end what runs, play the demo."""

import shutil
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from lab import reaper, supervisor
from lab.errors import LabError
from lab.tool_pins import TOOLS
from lab.tools import ensure

if TYPE_CHECKING:
    from lab.control_plane import ControlPlane


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Real Kubernetes clusters on this machine, for the demo, the tests and the benchmarks of kastellan."""


@main.command()
@click.argument("names", nargs=-1, type=click.Choice(sorted(TOOLS)))
@click.option("--quiet", is_flag=True, help="Say only what is built.")
def tools(names: tuple[str, ...], *, quiet: bool) -> None:
    """Build the pinned tools (all by default) into the cache; what is there already is not built again."""
    for name, path in ensure(names or tuple(TOOLS)).items():
        if not quiet:
            click.echo(f"{name:26} {path}")


@main.command(name="probe-image")
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
def probe_image(target: Path) -> None:
    """Build the probe program into an OCI archive, and print the digest by which a registry will know it."""
    from lab.probe_image import probe_image as build

    image = build(lambda line: click.echo(line, err=True))
    shutil.copyfile(image.path, target)
    click.echo(image.digest)


@main.command()
@click.option(
    "--nodes",
    type=click.Choice(["simulated", "real"]),
    default="simulated",
    help="Simulated nodes need no rights; real ones need Linux and root.",
)
@click.option("--detach", is_flag=True, help="Leave the cluster running; `python -m lab down` ends it.")
def up(nodes: str, *, detach: bool) -> None:
    """Start a cluster with three zones and say how to use it; Ctrl-C ends it."""
    began = time.monotonic()
    signal.signal(signal.SIGTERM, _interrupt)
    if nodes == "real":
        from lab.real import RealCluster

        cluster: ControlPlane = RealCluster()
    else:
        from lab.simulated import SimulatedCluster

        cluster = SimulatedCluster()
    click.echo(f"{nodes} nodes are ready after {time.monotonic() - began:.1f} s\n")
    click.echo(f"  export KUBECONFIG={cluster.kubeconfig}\n  kubectl get nodes -L topology.kubernetes.io/zone\n")
    if detach:
        cluster.supervisor.keep()
        click.echo("It goes on running; `python -m lab down` ends it.")
        return
    click.echo("Ctrl-C ends it.")
    try:
        while True:
            time.sleep(2)
            cluster.supervisor.check()
    except KeyboardInterrupt:
        click.echo("ending", err=True)
    finally:
        cluster.supervisor.close()


@main.command()
def status() -> None:
    """List the labs that run, or that a crash left behind."""
    for folder in supervisor.running():
        count = sum(1 for _ in reaper.members(folder))
        click.echo(f"{folder.name:40} {count:3} processes  {folder}")


@main.command()
def down() -> None:
    """End every lab of this user: processes, namespaces, files; also what an earlier crash left."""
    for folder in supervisor.running():
        click.echo(f"ended {folder.name}: {supervisor.end(folder)} processes")


@main.command()
@click.option("--keep", is_flag=True, help="Leave everything running at the end and say how to look around.")
@click.option(
    "--nodes",
    type=click.Choice(["auto", "real", "simulated"]),
    default="auto",
    help="auto: real nodes where root and the kernel allow it, else simulated.",
)
def demo(nodes: str, *, keep: bool) -> None:
    """Validate a customer's cluster, install on it, upgrade it, find a manual change."""
    from lab.demo import play

    sys.exit(play(nodes=nodes, keep=keep))


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    try:
        main()
    except LabError as problem:
        click.echo(f"error: {problem}", err=True)
        sys.exit(1)
