"""`maintain` as an SRE and a pipeline see it: over a real store, with an outside of fakes."""

import json
from pathlib import Path
from typing import Any

import pytest

from kastellan.adapters.store.opening import open_store
from kastellan.cli import progress
from kastellan.domain.service_sample import Seen
from tests.commands import Said, go_to, read, told
from tests.histories import at
from tests.maintaining import NEW, OLD, WINDOW, Outside, outside
from tests.runs import REASON

__all__ = ["go_to", "outside"]


__all__ = ["go_to"]


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


def test_what_is_blocked_is_told_as_json_with_its_owner(
    outside: Outside, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_PLAIN_SECONDS", 0.0)  # as on a slow machine: every line of progress is told
    outside.restore_points.flaws = (REASON,)
    (found,) = read(capsys, "maintain", "acme", code=5)["installations"]
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


def test_a_run_that_is_named_is_carried_out_and_no_other(outside: Outside, capsys: Said) -> None:
    for name in ("acme.regular-2026-11.20261110T210000Z.1", "x"):
        assert f"there is no run {name} of acme" in told(capsys, "maintain", "acme", "--run", name, code=2)
    assert outside.provisioner.calls == []
    told(capsys, "maintain", "bolt")
    ran = read(capsys, "runs")["runs"][0]["id"]
    assert f"there is no run {ran} of acme" in told(capsys, "maintain", "acme", "--run", ran, code=2)
    assert outside.provisioner.brought["acme"] == OLD
    assert "it goes with no other" in told(capsys, "maintain", "acme", "--run", ran, "--again", code=2)


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


@pytest.mark.parametrize("arguments", [(), ("acme", "--due")])
def test_either_a_stack_or_all_that_are_due(outside: Outside, capsys: Said, arguments: tuple[str, ...]) -> None:
    assert "name a STACK, or give --due" in told(capsys, "maintain", *arguments, code=2)


def test_what_is_handed_out_of_a_run_is_written_at_its_end(outside: Outside, capsys: Said, tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    outside.seen["bolt"] = Seen.WRONG
    key = str(tmp_path / "key.pem")
    told(capsys, "maintain", "--due", "--evidence", str(folder), "--key", key, "--json", code=3)
    runs = ["acme.regular-2026-11.20261110T210000Z.1", "bolt.regular-2026-11.20261110T210000Z.1"]
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        f"{run}.{kind}" for run in runs for kind in ("html", "json")
    )
    for run in runs:
        assert told(capsys, "runs", "verify", str(folder / f"{run}.json")).startswith("valid")


def test_a_place_that_cannot_be_written_is_told_before_anything_begins(
    outside: Outside, capsys: Said, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    for option in ("--evidence", "--junit"):
        place = str(tmp_path / "file" / "x")
        assert "cannot be written" in told(capsys, "maintain", "acme", option, place, code=2)
    assert outside.provisioner.calls == []
