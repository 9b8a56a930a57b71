"""`make demo`: a customer's cluster is validated, ZITADEL installed on it, upgraded, and a manual change found.

Every act checks what it shows: the demo fails where the product does not do what the text says.
"""

import re
import time
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from lab.demo_stage import DATABASE, NAME, ROLE, Stage
from lab.errors import LabError
from lab.real import why_not
from lab.tool_pins import TOOLS
from lab.tools import ensure

_REQUESTS = 60
_OURS = re.compile(
    r"kastellan:index:(?:Release|Prerequisites) \S+ \w+ (?:\(\d+s\) )?(?:\[diff: \S*\]; )?(?P<told>[a-z][^:]*: .+)$"
)
"""Pulumi's line about a resource of ours, with what it told last."""


class Demo:
    """One performance; keeps the time of each act."""

    def __init__(self) -> None:
        self.console = Console(highlight=False, soft_wrap=True)
        self.acts: list[tuple[str, str, float]] = []
        self._number = 0

    def act(self, title: str, play: Callable[[], str]) -> None:
        """Play one act; what it returns stands in the summary."""
        self._number += 1
        self.console.print(f"\n[bold]{self._number}. {title}[/bold]")
        began = time.monotonic()
        outcome = play()
        self.acts.append((title, outcome, time.monotonic() - began))

    def say(self, text: str) -> None:
        """Tell something, as it is."""
        self.console.print(text, markup=False)

    def command(self, text: str) -> None:
        """Show a command that is run."""
        self.console.print(f"$ {text}", style="cyan", markup=False)

    def summary(self) -> None:
        """The acts in a table."""
        table = Table(title="What was shown")
        for column in ("act", "outcome"):
            table.add_column(column)
        table.add_column("seconds", justify="right")
        for title, outcome, seconds in self.acts:
            table.add_row(title, outcome, f"{seconds:.0f}")
        self.console.print()
        self.console.print(table)


def play(*, nodes: str, keep: bool) -> int:
    """Play the demo and return the exit code.

    Args:
        nodes: `real`, `simulated`, or `auto` for real ones where they can run.
        keep: leave everything running at the end.

    Raises:
        LabError: an act does not show what it should.
    """
    demo = Demo()
    reason = None if nodes == "simulated" else why_not()
    real = nodes == "real" or (nodes == "auto" and reason is None)
    kind = "real nodes: containerd, kubelet, kube-proxy" if real else "simulated nodes: scheduled, but nothing runs"
    demo.say(f"The customer's cluster gets {kind}.")
    if reason and not real:
        demo.say(f"Real nodes cannot run here: {reason}")
    ensure(tuple(TOOLS))
    began = time.monotonic()
    stage = Stage(real=real, tell=demo.say)
    demo.say(f"It stands after {time.monotonic() - began:.0f} s: {stage.cluster.server}")
    with stage:
        _story(demo, stage)
        demo.summary()
        if not keep:
            demo.say("Everything ends now; `make demo KEEP=1` leaves it running.")
            return 0
        demo.say("\nIt goes on running. To look around:\n")
        demo.say(stage.how_to_look_around())
    return 0


def _story(demo: Demo, stage: Stage) -> None:
    demo.act("The customer's cluster and database are not fit, and the preflight says why", lambda: _unfit(demo, stage))
    demo.act("The customer fixes what it was asked for", lambda: _fixed(demo, stage))
    demo.act("`pulumi up` installs", lambda: _up(demo, stage, "v4.13.0"))
    if stage.real:
        demo.act("Requests are answered from every zone", lambda: _requests(demo, stage))
    demo.act("The next version, by `pulumi up`", lambda: _upgrade(demo, stage))
    demo.act("Somebody changes a Deployment by hand, and it is found", lambda: _drift(demo, stage))


def _preflight(demo: Demo, stage: Stage, *, code: int) -> str:
    demo.command(f"kastellan preflight {NAME}")
    done = stage.kastellan("preflight", NAME)
    demo.say(done.stdout.rstrip())
    if done.returncode != code:
        raise LabError(f"the preflight ended with {done.returncode} instead of {code}: {done.stderr}")
    return done.stdout


def _unfit(demo: Demo, stage: Stage) -> str:
    demo.say(f"(A node has no zone label, and role {ROLE} may not create schemas in database {DATABASE}.)")
    said = _preflight(demo, stage, code=3)
    # With two zones CAP-3 fails as well, but it warns only before an installation.
    found = [name for name, rest in re.findall(r"^FAIL\s+(\S+) (.*)", said, flags=re.MULTILINE) if "warns" not in rest]
    if found != ["ZON-1", "PG-2"]:
        raise LabError(f"the preflight found {found} instead of ZON-1 and PG-2")
    return "failed: ZON-1 and PG-2, both the customer's turn"


def _fixed(demo: Demo, stage: Stage) -> str:
    for command in stage.customer_fixes_everything():
        demo.command(command)
    _preflight(demo, stage, code=5)
    return "no gate fails any more; what only pods see stays unknown in a read-only run"


def _run(demo: Demo, stage: Stage, *arguments: str, succeeds: bool = True) -> str:
    demo.command(f"pulumi {' '.join(arguments)} --stack {NAME}")
    lines: list[str] = []
    told: set[str] = set()

    def each_line(line: str) -> None:
        lines.append(line)
        if (found := _OURS.search(line)) and (text := found["told"]) not in told:
            told.add(text)
            demo.say(f"  {text}")

    code = stage.pulumi(*arguments, each_line=each_line)
    said = "\n".join(lines)
    if (code == 0) is not succeeds:
        raise LabError(f"pulumi {arguments[0]} ended with {code}:\n{said}")
    return said


def _up(demo: Demo, stage: Stage, version: str) -> str:
    _run(demo, stage, "up", "--yes", "--skip-preview")
    shown = stage.kubectl("-n", "zitadel", "get", "deployments", "-o", "wide").splitlines()
    for line in shown:
        demo.say(f"  {line[:110]}")
    got = stage.stack.pulumi.run("stack", "output", "version", "--stack", NAME).stdout.strip()
    if got != version:
        raise LabError(f"the stack says {got!r} instead of {version}")
    return f"{version} serves" if stage.real else f"{version} is rolled out; simulated pods answer nothing"


def _requests(demo: Demo, stage: Stage) -> str:
    counted = stage.answers_by_zone(requests=_REQUESTS)
    for zone, count in sorted(counted.items()):
        demo.say(f"  {zone}: {count} of {_REQUESTS} requests")
    if len(counted) != 3 or counted.total() != _REQUESTS:
        raise LabError(f"{_REQUESTS} requests were answered like this: {dict(counted)}")
    return f"{_REQUESTS} of {_REQUESTS} requests, from {', '.join(sorted(counted))}"


def _upgrade(demo: Demo, stage: Stage) -> str:
    demo.say("(installation:version is changed from v4.13.0 to v4.13.1)")
    stage.stack.change(version="v4.13.1")
    return _up(demo, stage, "v4.13.1")


def _drift(demo: Demo, stage: Stage) -> str:
    change = ("-n", "zitadel", "set", "env", "deployment/zitadel", "DEBUG=1", "--field-manager=customer-admin")
    demo.command(f"kubectl {' '.join(change)}")
    stage.kubectl(*change)
    said = _run(demo, stage, "refresh", "--preview-only", "--expect-no-changes", succeeds=False)
    found = re.search(r"changed by somebody else.*customer-admin.*", said)
    if not found:
        raise LabError(f"the change was not found:\n{said}")
    return "found, with the author customer-admin"
