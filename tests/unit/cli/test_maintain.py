"""`maintain` as an SRE and a pipeline see it: over a real store, with an outside of fakes."""

import contextlib
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from kastellan.adapters.store.opening import open_store
from kastellan.cli import installation_view, maintain_fleet
from kastellan.cli.installation_view import read_plan
from kastellan.domain.configured_release import ConfiguredRelease
from kastellan.domain.service_sample import Seen
from kastellan.domain.version import Version
from kastellan.execution.run_ports import RunPorts, Situation
from kastellan.execution.tick import read_ledger
from kastellan.planning.service_verdict import ServiceLimits
from tests.fakes.clock import FakeClock
from tests.fakes.provisioner import FakeProvisioner
from tests.fakes.restore_points import FakeRestorePoints
from tests.fakes.run_workers import FakeWorkers
from tests.fakes.service_probe import FakeProbe
from tests.fakes.worker import FakeWorker
from tests.histories import at
from tests.running import report
from tests.runs import REASON
from tests.unit.cli.test_maintenance_commands import Said, go_to, told
from tests.unit.cli.test_runs import CATALOGUE

__all__ = ["go_to"]

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


def test_a_dry_run_shows_the_plan_and_changes_nothing(outside: Outside, capsys: Said) -> None:
    assert "acme: regular/2026-11, regular, v4.13.1 → v4.14.0" in told(capsys, "maintain", "acme", "--dry-run")
    assert outside.provisioner.calls == []
    assert told(capsys, "runs") == "no runs yet\n"


def test_what_is_due_is_brought_recorded_and_not_brought_again(outside: Outside, capsys: Said) -> None:
    said = told(capsys, "maintain", "acme")
    assert "acme.regular-2026-11.20261110T210000Z.1  v4.13.1 → v4.14.0   passed" in said
    assert outside.provisioner.brought["acme"] == NEW
    assert outside.provisioner.brought["bolt"] == OLD
    entries = told(capsys, "ledger", "show", "acme")
    assert "run-started" in entries
    assert "run-ended" in entries
    assert "notice-due" in entries, "the notices of start and end are queued"


def test_after_it_nothing_is_due(outside: Outside, capsys: Said, go_to: Any) -> None:
    told(capsys, "maintain", "acme")
    go_to("2026-11-10T23:30")
    calls = len(outside.provisioner.calls)
    assert "regular/2026-11 has completed in this window" in told(capsys, "maintain", "acme")
    assert len(outside.provisioner.calls) == calls


def test_outside_of_its_window_the_next_one_is_named(outside: Outside, capsys: Said, go_to: Any) -> None:
    go_to("2026-11-11T05:00")
    assert "may not run now" in told(capsys, "maintain", "acme", code=5)
    assert "nothing is due now at 2 installations" in told(capsys, "maintain", "--due")


def test_a_run_that_fails_says_whose_turn_it_is_and_stops_the_others(
    outside: Outside, capsys: Said, tmp_path: Path
) -> None:
    outside.seen["acme"] = Seen.WRONG
    said = told(capsys, "maintain", "--due", "--junit", str(tmp_path / "junit.xml"), code=3)
    assert "vendor acts: readiness in zone a: 5 of 5 answers were bad" in said
    assert "not begun: bolt" in said
    assert "the rollout of v4.14.0 has stopped after acme.regular-2026-11.20261110T210000Z.1" in said
    assert outside.provisioner.brought == {"acme": OLD.__class__(version=OLD.version, undoing=NEW.version), "bolt": OLD}
    junit = (tmp_path / "junit.xml").read_text()
    assert (junit.count("<failure "), junit.count("<skipped "), junit.count("<testcase ")) == (1, 1, 2)


def test_called_again_it_stays_stopped_until_a_person_has_looked(
    outside: Outside, capsys: Said, go_to: Any, tmp_path: Path
) -> None:
    outside.seen["acme"] = Seen.WRONG
    told(capsys, "maintain", "--due", code=3)
    outside.seen.clear()
    go_to("2026-11-10T23:30")
    said = told(capsys, "maintain", "--due", code=5)
    assert "find out why; then run it again in this window with --again" in said
    assert "not begun: bolt" in said
    assert outside.provisioner.brought["bolt"] == OLD
    explained = "[{run: acme.regular-2026-11.20261110T210000Z.1, who: Ada Example, why: their disk was full}]"
    (tmp_path / "fleet.yaml").write_text(f"{{schemaVersion: 1, spread: 0%, stop: {{explained: {explained}}}}}")
    told(capsys, "maintain", "--due", code=5)
    assert outside.provisioner.brought["bolt"] == NEW
    told(capsys, "maintain", "acme", "--again")
    assert outside.provisioner.brought["acme"] == NEW


def test_a_person_who_looked_has_the_failed_one_and_the_others_run(outside: Outside, capsys: Said, go_to: Any) -> None:
    outside.seen["acme"] = Seen.WRONG
    told(capsys, "maintain", "--due", code=3)
    outside.seen.clear()
    go_to("2026-11-10T23:30")
    told(capsys, "maintain", "--due", "--again")
    assert outside.provisioner.brought == {"acme": NEW, "bolt": NEW}


CANARY = "schemaVersion: 1\nspread: 0%\nlimits: {atOnce: 5}\ncanary: {installations: [bolt], soak: 30m}\n"


class TestFleet:
    def test_a_dry_run_shows_canary_waves_and_starts(self, outside: Outside, capsys: Said, tmp_path: Path) -> None:
        (tmp_path / "fleet.yaml").write_text(CANARY)
        said = told(capsys, "maintain", "--due", "--dry-run")
        assert said == (
            "rollout of v4.14.0\n"
            "canary: 1 of 1\n"
            "  bolt    begins-now\n"
            "wave 1: 1 of 1\n"
            "  the canary of v4.14.0 waits for bolt\n"
            "  acme    waits    Tue 2026-11-10 22:00\n"
        )
        assert outside.provisioner.calls == []

    def test_days_before_a_dry_run_shows_the_spread_starts(
        self, outside: Outside, capsys: Said, go_to: Any, tmp_path: Path
    ) -> None:
        (tmp_path / "fleet.yaml").write_text("schemaVersion: 1\nspread: 100%\nlimits: {atOnce: 2}\n")
        go_to("2026-11-10T21:30")
        (found,) = json.loads(told(capsys, "maintain", "--due", "--dry-run", "--json"))["forecast"]
        (wave,) = found["stages"]
        assert [turn["state"] for turn in wave["installations"]] == ["waits", "waits"]
        starts = {turn["installation"]: turn["at"] for turn in wave["installations"]}
        assert len(set(starts.values())) == 2
        go_to(WINDOW)
        again = json.loads(told(capsys, "maintain", "--due", "--dry-run", "--json"))["forecast"][0]["stages"][0]
        assert {turn["installation"]: turn["at"] for turn in again["installations"]} == starts, "a start stays"

    def test_the_canary_is_brought_and_soaks_before_the_others(
        self, outside: Outside, capsys: Said, go_to: Any, tmp_path: Path
    ) -> None:
        (tmp_path / "fleet.yaml").write_text(CANARY)
        said = told(capsys, "maintain", "--due", "--junit", str(tmp_path / "junit.xml"))
        assert "bolt.regular-2026-11.20261110T210000Z.1  v4.13.1 → v4.14.0   passed" in said
        assert "the canary has run v4.14.0 since" in said
        assert outside.provisioner.brought == {"acme": OLD, "bolt": NEW}
        assert "not begun: the canary has run v4.14.0" in (tmp_path / "junit.xml").read_text()
        go_to("2026-11-10T23:30")
        told(capsys, "maintain", "--due")
        assert outside.provisioner.brought == {"acme": NEW, "bolt": NEW}

    def test_a_canary_that_fails_leaves_the_rest_untouched(
        self, outside: Outside, capsys: Said, go_to: Any, tmp_path: Path
    ) -> None:
        (tmp_path / "fleet.yaml").write_text(CANARY)
        outside.seen["bolt"] = Seen.WRONG
        told(capsys, "maintain", "--due", code=3)
        go_to("2026-11-11T00:30")
        assert "has stopped after bolt.regular-2026-11" in told(capsys, "maintain", "--due", code=5)
        assert outside.provisioner.brought["acme"] == OLD

    def test_several_go_on_at_once_up_to_the_limit(self, outside: Outside, capsys: Said, tmp_path: Path) -> None:
        (tmp_path / "fleet.yaml").write_text("schemaVersion: 1\nspread: 0%\nlimits: {atOnce: 2}\n")
        told(capsys, "maintain", "--due")
        assert FakeWorkers.most == 2
        assert outside.provisioner.brought == {"acme": NEW, "bolt": NEW}

    def test_a_worker_that_is_killed_is_told_and_its_run_is_finished_by_the_next_call(
        self, outside: Outside, capsys: Said, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(FakeWorkers, "lost", frozenset({"acme"}))
        said = told(capsys, "maintain", "--due", code=1)
        assert "the worker of acme.regular-2026-11.20261110T210000Z.1 ended with signal 9" in said
        assert outside.provisioner.brought["acme"] == OLD
        assert "not begun" in told(capsys, "runs")
        monkeypatch.setattr(FakeWorkers, "lost", frozenset())
        told(capsys, "maintain", "--due")
        assert outside.provisioner.brought == {"acme": NEW, "bolt": NEW}
        assert len([line for line in told(capsys, "runs").splitlines() if "passed" in line]) == 2

    def test_events_are_json_lines_of_the_fleet_and_of_every_run(self, outside: Outside, capsys: Said) -> None:
        from kastellan.cli.main import run

        assert run(["maintain", "--due", "--events"]) == 0
        events = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
        assert [event["text"] for event in events if event.get("fleet") == "acme"] == ["begins: v4.13.1 → v4.14.0"]
        assert {event["run"].split(".")[0] for event in events if "run" in event} == {"acme", "bolt"}

    def test_what_is_wrong_with_one_holds_up_no_other(self, outside: Outside, capsys: Said, tmp_path: Path) -> None:
        (tmp_path / "stacks" / "Pulumi.acme.yaml").write_text("config: {}\n")
        (tmp_path / "stacks" / "Pulumi.cold.yaml").write_text("config: [\n")
        told(capsys, "maintain", "--due", "--json", code=2)
        assert outside.provisioner.brought["bolt"] == NEW

    def test_a_canary_whose_file_is_broken_holds_everybody_up(
        self, outside: Outside, capsys: Said, tmp_path: Path
    ) -> None:
        (tmp_path / "fleet.yaml").write_text(CANARY)
        (tmp_path / "stacks" / "Pulumi.bolt.yaml").write_text("config: [\n")
        assert "the canary of v4.14.0 waits for bolt" in told(capsys, "maintain", "--due", code=2)
        assert outside.provisioner.brought["acme"] == OLD

    def test_a_fleet_file_that_is_wrong_begins_nothing(self, outside: Outside, capsys: Said, tmp_path: Path) -> None:
        (tmp_path / "other.yaml").write_text("{schemaVersion: 1, canary: {installations: [blot]}}")
        said = told(capsys, "maintain", "--due", "--fleet", str(tmp_path / "other.yaml"), code=2)
        assert "canary.installations[0]: blot is no stack of the fleet" in said
        assert told(capsys, "runs") == "no runs yet\n"
        assert "--fleet goes with --due" in told(capsys, "maintain", "acme", "--fleet", "x", code=2)

    def test_where_nothing_is_due_no_ledger_is_read_again_until_something_changes(
        self, outside: Outside, capsys: Said, go_to: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        read: list[str] = []
        inner = installation_view.read_ledger

        def counted(store: Any, name: str, **named: Any) -> Any:
            read.append(name)
            return inner(store, name, **named)

        monkeypatch.setattr(installation_view, "read_ledger", counted)

        def looked_at(*, code: int = 0) -> list[str]:
            read.clear()
            told(capsys, "maintain", "--due", "--json", code=code)
            return sorted(set(read))

        go_to("2026-11-10T21:05")
        assert looked_at() == ["acme", "bolt"]
        first = told(capsys, "maintain", "--due", "--json")
        assert looked_at() == []
        assert told(capsys, "maintain", "--due", "--json") == first, "what is told is the same"
        path = tmp_path / "stacks" / "Pulumi.acme.yaml"
        path.write_text(path.read_text() + "  installation:namespace: other\n")
        assert looked_at() == ["acme"], "its file was changed"
        told(capsys, "decide", "bolt", "deny", "regular/2026-11", *DENIAL[2:])
        read.clear()
        assert looked_at() == ["bolt"], "something was recorded"
        (tmp_path / "catalogue.yaml").write_text(CATALOGUE + "# \n")
        assert looked_at() == ["acme", "bolt"], "the catalogue was changed"
        go_to("2026-11-10T21:04")
        assert looked_at() == ["acme", "bolt"], "an instant before it was worked out"
        path.write_text("config: [\n")
        assert looked_at(code=2) == []
        go_to(WINDOW)
        assert looked_at(code=2) == ["bolt"], "its window has begun"

    def test_another_machine_that_begins_meanwhile_is_seen(
        self, outside: Outside, capsys: Said, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """Both have found both due; the limit is one at once: the second sees the run that the first has opened."""
        inner = maintain_fleet.survey

        def other_first(store: Any, *arguments: Any, **named: Any) -> Any:
            found = inner(store, *arguments, **named)
            store.journal.admit([found.plans["bolt"]], seen=store.journal.briefs((), since=at("2026-11-01")).position)
            return found

        monkeypatch.setattr(maintain_fleet, "survey", other_first)
        assert "1 under way in the fleet (limit 1)" in told(capsys, "maintain", "--due")
        assert outside.provisioner.brought == {"acme": OLD, "bolt": OLD}


def test_what_is_blocked_is_told_as_json_with_its_owner(outside: Outside, capsys: Said) -> None:
    outside.restore_points.flaws = (REASON,)
    (found,) = json.loads(told(capsys, "maintain", "acme", "--json", code=5))["installations"]
    assert (found["run"]["verdict"], found["run"]["attribution"]) == ("blocked", "customer")
    assert found["run"]["version"] == "v4.13.1"


def test_somebody_elses_work_is_no_failure(
    outside: Outside, capsys: Said, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with open_store(f"sqlite:///{tmp_path / 'state' / 'kastellan' / 'store.sqlite'}") as store:
        lease = store.leases.take("acme", "elsewhere/1", seen=None, now=at(WINDOW))
        assert lease is not None
        sleep = outside.clock.sleep

        def renewed(seconds: float) -> None:
            sleep(seconds)
            store.leases.renew(lease)

        monkeypatch.setattr(outside.clock, "sleep", renewed)
        assert "elsewhere/1 has been at work on acme" in told(capsys, "maintain", "acme", code=5)


def test_an_interrupted_run_is_finished_by_the_next_call(outside: Outside, capsys: Said) -> None:
    inner = outside.provisioner.up

    def interrupted(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    outside.provisioner.up = interrupted
    assert "interrupted" in told(capsys, "maintain", "acme", code=130)
    outside.provisioner.up = inner
    assert "at up" in told(capsys, "runs")
    told(capsys, "maintain", "acme")
    assert outside.provisioner.brought["acme"] == NEW
    assert "up (2)" in told(capsys, "runs", "show", "acme.regular-2026-11.20261110T210000Z.1")


def test_events_are_one_json_object_a_line(outside: Outside, capsys: Said) -> None:
    from kastellan.cli.main import run

    assert run(["maintain", "acme", "--events"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [event["step"] for event in events][:1] == ["lease"]
    assert {"run", "text", "elapsedSeconds", "expectedSeconds"} <= events[0].keys()


DENIAL = ("deny", "regular/2026-11", "--who", "Ada Example", "--channel", "mail", "--reason", "our release", "--yes")


def decided(*arguments: str) -> str:
    """What `decide acme` says, in the middle of something else."""
    from kastellan.cli.main import run

    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        assert run(["decide", "acme", *arguments]) == 0, said.getvalue()
    return said.getvalue()


class TestObjections:
    """The customer objects while the window lasts (MU-3)."""

    def test_before_the_run_is_begun(self, outside: Outside, capsys: Said) -> None:
        said = decided(*DENIAL)
        assert "2026-12 counts as denied (1 in a row)" in said, "November was offered late, so it never counts"
        assert "Ada Example denied it" in told(capsys, "maintain", "acme", code=5)
        assert outside.provisioner.brought["acme"] == OLD
        assert "run-started" not in told(capsys, "ledger", "show", "acme")

    def test_between_planning_and_the_first_mutation_nothing_is_changed(
        self, outside: Outside, capsys: Said, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        said = []
        inner = outside.restore_points.make

        def make(*arguments: Any, **named: Any) -> Any:
            said.append(decided(*DENIAL))
            return inner(*arguments, **named)

        monkeypatch.setattr(outside.restore_points, "make", make)
        (found,) = json.loads(told(capsys, "maintain", "acme", "--json", code=5))["installations"]
        assert "the run that is under way stops, and changes nothing" in said[0]
        assert (found["run"]["verdict"], found["run"]["attribution"]) == ("blocked", "customer")
        assert (outside.provisioner.brought["acme"], outside.provisioner.configured["acme"]) == (OLD, OLD)

    def test_it_may_be_taken_back(self, outside: Outside, capsys: Said, go_to: Any) -> None:
        decided(*DENIAL)
        go_to("2026-11-10T22:01")
        decided("permit", "regular/2026-11", "--who", "Ada Example", "--channel", "mail")
        told(capsys, "maintain", "acme")
        assert outside.provisioner.brought["acme"] == NEW

    @pytest.mark.parametrize(("on_withdrawal", "effect", "code"), [
        ("finish", "the run finishes, as the contract says", 0),
        ("undo", "the update is undone, as the contract says", 3),
    ])  # fmt: skip
    def test_after_the_first_mutation_the_contract_says_what_becomes_of_the_run(
        self, outside: Outside, capsys: Said, tmp_path: Path, on_withdrawal: str, effect: str, code: int
    ) -> None:
        path = tmp_path / "stacks" / "Pulumi.acme.yaml"
        document = yaml.safe_load(path.read_text())
        document["config"]["installation:contract"]["runs"] = {"onWithdrawal": on_withdrawal}
        path.write_text(yaml.safe_dump(document))
        said = []
        inner = outside.provisioner.up

        def up(*arguments: Any, **named: Any) -> Any:
            said.append(said or decided(*DENIAL))
            return inner(*arguments, **named)

        outside.provisioner.up = up
        told(capsys, "maintain", "acme", code=code)
        assert effect in said[0]
        assert "If this is denied" not in said[0], "the month is no denied one: the run ran"
        assert outside.provisioner.brought["acme"].version == (NEW if code == 0 else OLD).version
        assert "decided" in told(capsys, "ledger", "show", "acme")


@pytest.mark.parametrize("arguments", [(), ("acme", "--due")])
def test_either_a_stack_or_all_that_are_due(outside: Outside, capsys: Said, arguments: tuple[str, ...]) -> None:
    assert "name a STACK, or give --due" in told(capsys, "maintain", *arguments, code=2)
