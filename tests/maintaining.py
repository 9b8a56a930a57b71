"""`maintain` over a real store, with an outside of fakes."""

import contextlib
import io
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kastellan.cli import maintain_fleet
from kastellan.cli.installation_view import read_plan
from kastellan.domain.configured_release import ConfiguredRelease
from kastellan.domain.service_sample import Seen
from kastellan.domain.version import Version
from kastellan.execution.run_ports import RunPorts, Situation
from kastellan.execution.tick import read_ledger
from kastellan.planning.service_verdict import ServiceLimits
from tests.commands import CATALOGUE, Said, told
from tests.fakes.clock import FakeClock
from tests.fakes.provisioner import FakeProvisioner
from tests.fakes.restore_points import FakeRestorePoints
from tests.fakes.run_workers import FakeWorkers
from tests.fakes.service_probe import FakeProbe
from tests.fakes.worker import FakeWorker
from tests.histories import at
from tests.running import report

WINDOW = "2026-11-10T22:00"


OLD, NEW = ConfiguredRelease(version=Version(4, 13, 1)), ConfiguredRelease(version=Version(4, 14, 0))


class Outside:
    """What every installation's run finds outside.

    Attributes:
        provisioner: of all of them.
        seen: what the installations answer at the new version, by name.
    """

    def __init__(self) -> None:
        self.clock = FakeClock(at(WINDOW))
        self.provisioner = FakeProvisioner(
            self.clock, configured={"acme": OLD, "bolt": OLD}, brought={"acme": OLD, "bolt": OLD}
        )
        self.seen: dict[str, Seen] = {}
        self.restore_points = FakeRestorePoints()

    def ports(self, view: Any, store: Any, progress: Any, announce: Callable[[], None], *, programs: str) -> RunPorts:
        name = view.plan.stack

        def look() -> Situation:
            read = read_plan(name, at(WINDOW))
            return Situation(contract=read.contract, catalogue=read.config.catalogue, ledger=read_ledger(store, name))

        def probe(version: Version) -> FakeProbe:
            return FakeProbe(self.clock, self.seen.get(name, Seen.GOOD) if version == NEW.version else Seen.GOOD)

        return RunPorts(
            journal=store.journal,
            leases=store.leases,
            provisioner=self.provisioner,
            restore_points=self.restore_points,
            probe=probe,
            preflight=report,
            look=look,
            announce=announce,
            limits=ServiceLimits(),
            clock=self.clock,
            progress=progress,
            worker=FakeWorker(),
        )


@pytest.fixture
def outside(go_to: Any, capsys: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Outside:
    """Two installations in their window, both permitted by their customers."""
    (tmp_path / "catalogue.yaml").write_text(CATALOGUE)
    go_to("2026-11-02T12:00")
    for name in ("acme", "bolt"):
        path = tmp_path / "stacks" / f"Pulumi.{name}.yaml"
        text = path.read_text().replace("installation:images", "other:images")
        path.write_text(text + "  installation:catalogue: catalogue.yaml\n")
    told(capsys, "tick")
    go_to("2026-11-10T21:00")
    for name in ("acme", "bolt"):
        told(capsys, "decide", name, "permit", "regular/2026-11", "--who", "Ada Example", "--channel", "mail")
    go_to(WINDOW)
    found = Outside()
    monkeypatch.setattr(maintain_fleet, "RunProcesses", FakeWorkers)
    monkeypatch.setattr(FakeWorkers, "most", 0)
    monkeypatch.setitem(sys.modules, "kastellan.cli.run_wiring", SimpleNamespace(run_ports=found.ports))
    return found


CANARY = "schemaVersion: 1\nspread: 0%\nlimits: {atOnce: 5}\ncanary: {installations: [bolt], soak: 30m}\n"


DENIAL = ("deny", "regular/2026-11", "--who", "Ada Example", "--channel", "mail", "--reason", "our release", "--yes")


def decided(*arguments: str) -> str:
    """What `decide acme` says, in the middle of something else."""
    from kastellan.cli.main import run

    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        assert run(["decide", "acme", *arguments]) == 0, said.getvalue()
    return said.getvalue()
