"""`maintain --due` over several installations."""

import json
from pathlib import Path
from typing import Any

import pytest

from kastellan.cli import installation_view, maintain_fleet
from kastellan.domain.service_sample import Seen
from tests.commands import CATALOGUE, Said, go_to, read, told
from tests.fakes.run_workers import FakeWorkers
from tests.histories import at
from tests.maintaining import CANARY, DENIAL, NEW, OLD, WINDOW, Outside, outside

__all__ = ["go_to", "outside"]


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
        (found,) = read(capsys, "maintain", "--due", "--dry-run")["forecast"]
        (wave,) = found["stages"]
        assert [turn["state"] for turn in wave["installations"]] == ["waits", "waits"]
        starts = {turn["installation"]: turn["at"] for turn in wave["installations"]}
        assert len(set(starts.values())) == 2
        go_to(WINDOW)
        again = read(capsys, "maintain", "--due", "--dry-run")["forecast"][0]["stages"][0]
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

    def test_the_plan_of_one_says_what_holds_it_back_and_who_acts(
        self, outside: Outside, capsys: Said, go_to: Any, tmp_path: Path
    ) -> None:
        assert "`kastellan maintain --due` begins it now" in told(capsys, "plan", "acme")
        assert "holds it back: 1 under way in the fleet (limit 1)" in told(capsys, "plan", "bolt", code=5)
        (tmp_path / "fleet.yaml").write_text(CANARY)
        said = told(capsys, "plan", "acme", code=5)
        assert "fleet      holds it back: the canary of v4.14.0 waits for bolt [MU-2]. vendor acts: " in said
        held = read(capsys, "plan", "acme", code=5)["fleet"]["held"]
        assert (held["reason"]["code"], held["reason"]["owner"]) == ("canary-first", "vendor")
        assert read(capsys, "plan", "bolt")["fleet"] == {"member": True, "held": None}
        told(capsys, "maintain", "--due")
        assert "holds it back until Tue 2026-11-10 22:40 (Europe/Zurich): the canary has run v4.14.0" in told(
            capsys, "plan", "acme", code=5
        ), "it soaks"
        go_to("2026-11-10T23:30")
        assert "`kastellan maintain --due` begins it now" in told(capsys, "plan", "acme")

    def test_the_plan_of_one_says_that_its_rollout_has_stopped(
        self, outside: Outside, capsys: Said, go_to: Any, tmp_path: Path
    ) -> None:
        (tmp_path / "fleet.yaml").write_text(CANARY)
        outside.seen["bolt"] = Seen.WRONG
        told(capsys, "maintain", "--due", code=3)
        go_to("2026-11-11T00:30")
        said = told(capsys, "plan", "acme", code=5)
        assert "holds it back: the rollout of v4.14.0 has stopped after bolt.regular-2026-11" in said
        assert "vendor acts: find out why; then run it again with --again" in said

    def test_the_plan_of_one_that_does_not_belong_to_the_fleet_says_so(
        self, outside: Outside, capsys: Said, tmp_path: Path
    ) -> None:
        (tmp_path / "fleet.yaml").write_text("schemaVersion: 1\nexclude: [acme]\n")
        assert "it does not belong to it: only `kastellan maintain acme` begins it" in told(capsys, "plan", "acme")

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
