"""`tick`, `status`, `pending` and `decide` as an SRE and a pipeline see them, on a real store in a file."""

import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from kastellan.cli.main import run
from tests.commands import Said, Terminal, go_to, read, told

__all__ = ["go_to"]


def test_a_dry_run_records_and_sends_nothing(go_to: Any, capsys: Said, tmp_path: Path) -> None:
    go_to("2026-11-10T12:00")
    assert "acme: 4 would be recorded, 1 would be sent" in told(capsys, "tick", "--dry-run")
    assert list((tmp_path / "out").iterdir()) == []
    assert read(capsys, "status", "acme")["installations"][0]["version"] is None


def test_a_tick_takes_over_offers_and_writes_the_notices(go_to: Any, capsys: Said, tmp_path: Path) -> None:
    go_to("2026-11-10T12:00")
    said = told(capsys, "tick", "acme")
    assert "acme: 4 recorded, 1 sent" in said
    assert "notice: acme: maintenance planned for Tuesday 2026-11-10 22:00 (UTC+0100)" in said
    assert told(capsys, "tick", "acme") == "acme: 0 recorded, 0 sent\n"
    assert len(list((tmp_path / "out").iterdir())) == 1


def test_a_tick_without_an_address_records_nothing(go_to: Any, capsys: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    go_to("2026-11-10T12:00")
    monkeypatch.delenv("KASTELLAN_CHANNELS")
    assert "no address is known for operations; nothing was recorded" in told(capsys, "tick", "acme", code=2)
    assert read(capsys, "status", "acme")["installations"][0]["version"] is None


def test_a_channels_file_that_others_may_read_is_refused_without_its_content(
    go_to: Any, capsys: Said, tmp_path: Path
) -> None:
    go_to("2026-11-10T12:00")
    (tmp_path / "channels.yaml").chmod(0o644)
    said = told(capsys, "tick", "acme", code=2)
    assert "others may read it; run: chmod 600" in said
    assert "file:///" not in said


def test_status_names_version_window_and_guarantees(go_to: Any, capsys: Said) -> None:
    go_to("2026-11-02T12:00")
    told(capsys, "tick", "acme")
    said = told(capsys, "status", "acme")
    assert said.startswith("acme  v4.13.1  normal\n")
    assert "holds: maintenance at least once a quarter [MU-2]: kept so far" in said
    assert "holds: windows and frequency of one's own [MU-1]: plan advanced" in said
    assert "not given: the availability objective of the plan [SL-1]: the infrastructure is the customer's" in said
    assert "unknown: strict TLS everywhere [annex]: `kastellan preflight acme` judges it" in said
    assert "\x1b" not in said


def test_pending_gives_every_date_with_reason_and_clause(go_to: Any, capsys: Said) -> None:
    go_to("2026-11-17T12:00")
    told(capsys, "tick", "acme")
    (found,) = read(capsys, "pending", "acme")["installations"]
    (update,) = found["pending"]
    assert update["item"] == "regular/2026-12"
    assert update["effective"] == {
        "at": "2026-12-08T21:00:00Z",
        "because": "silence is consent to what was offered in time",
        "clause": "MU-3",
    }
    assert [update[name]["clause"] for name in ("earliest", "due", "forced")] == ["MU-1", "MU-2", "MU-2"]


def test_a_denial_shows_its_consequences_and_is_recorded_once_it_is_confirmed(go_to: Any, capsys: Said) -> None:
    go_to("2026-11-17T12:00")
    told(capsys, "tick", "acme")
    said = told(capsys, "decide", "acme", "deny", "regular/2026-12", "--what-if")
    assert "2027-03-01 00:00  service level and liability are suspended [MU-6]" in said
    assert "2027-03-07 00:00  the vendor may terminate with 30 days' written notice [MU-5]" in said
    assert said.endswith("nothing was recorded\n")
    who = ("--who", "Ada Example", "--channel", "mail", "--reason", "our own release")
    told(capsys, "decide", "acme", "deny", "regular/2026-12", *who, "--yes")
    (found,) = read(capsys, "status", "acme")["installations"]
    assert found["decisions"][0]["decision"] == "deny"
    (update,) = found["pending"]
    assert update["effective"]["at"] is None
    assert update["blockers"][0]["owner"] == "customer"


def test_a_denial_that_is_not_confirmed_is_not_recorded(
    go_to: Any, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_to("2026-11-17T12:00")
    told(capsys, "tick", "acme")
    deny = ("decide", "acme", "deny", "regular/2026-12", "--who", "A", "--channel", "b", "--reason", "c")
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert "confirm the denial with --yes, or run this in a terminal" in told(capsys, *deny, code=2)
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    told(capsys, *deny, code=130)
    assert read(capsys, "status", "acme")["installations"][0]["decisions"][0]["decision"] is None


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("deny", "regular/2026-12"), 5, "who is empty"),
        (("deny", "regular/2027-09", "--who", "a", "--channel", "b", "--reason", "c"), 5, "no window was offered"),
        (("deny", "next week"), 2, "is no item"),
        (("defer", "regular/2026-12", "--window", "tomorrow"), 2, "no instant with an offset"),
    ],
)
def test_what_cannot_be_said_is_refused_and_nothing_recorded(
    go_to: Any, capsys: Said, arguments: tuple[str, ...], code: int, says: str
) -> None:
    go_to("2026-11-17T12:00")
    told(capsys, "tick", "acme")
    assert says in told(capsys, "decide", "acme", *arguments, code=code)
    assert told(capsys, "tick", "acme") == "acme: 0 recorded, 0 sent\n"


def test_a_second_decision_in_the_same_second_is_refused_rather_than_lost(go_to: Any, capsys: Said) -> None:
    go_to("2026-11-17T12:00")
    told(capsys, "tick", "acme")
    who = ("--who", "Ada Example", "--channel", "mail", "--reason", "our own release")
    told(capsys, "decide", "acme", "permit", "regular/2026-12", *who)
    deny = ("decide", "acme", "deny", "regular/2026-12", *who, "--yes")
    assert "already recorded about regular/2026-12 in this second" in told(capsys, *deny, code=1)
    go_to("2026-11-17T12:00:01")
    told(capsys, *deny)
    assert read(capsys, "status", "acme")["installations"][0]["decisions"][0]["decision"] == "deny"


def test_a_clock_that_was_set_back_records_nothing(go_to: Any, capsys: Said) -> None:
    go_to("2026-11-17T12:00")
    told(capsys, "tick", "acme")
    go_to("2026-11-16T12:00")
    arguments = ("decide", "acme", "permit", "regular/2026-12", "--who", "a", "--channel", "b")
    assert "set the machine's clock right" in told(capsys, *arguments, code=1)


def test_all_stacks_are_ticked_where_none_is_named(go_to: Any, capsys: Said) -> None:
    go_to("2026-11-17T12:00")
    assert [one["installation"] for one in read(capsys, "tick", "--dry-run")["installations"]] == ["acme", "bolt"]


class TestFleet:
    def test_a_broken_file_of_one_customer_does_not_hold_up_the_others(
        self, go_to: Any, capsys: Said, tmp_path: Path
    ) -> None:
        go_to("2026-11-17T12:00")
        file = tmp_path / "stacks" / "Pulumi.acme.yaml"
        file.write_text(file.read_text().replace("Europe/Zurich", "Europe/Atlantis"))
        said = told(capsys, "tick", code=2)
        assert "bolt: 4 recorded, 1 sent" in said
        assert "error: acme: the configuration of stack acme is not valid" in said
        assert run(["status", "--json"]) == 2
        found = json.loads(capsys.readouterr().out)
        assert [one["installation"] for one in found["installations"]] == ["bolt"]
        assert "Europe/Atlantis" in found["failures"][0]["error"]

    def test_a_broken_ledger_of_one_customer_does_not_hold_up_the_others(
        self, go_to: Any, capsys: Said, tmp_path: Path
    ) -> None:
        go_to("2026-11-17T12:00")
        told(capsys, "tick", "acme")
        with closing(sqlite3.connect(tmp_path / "state" / "kastellan" / "store.sqlite")) as database:
            database.execute("DROP TRIGGER entries_update")
            database.execute("UPDATE entries SET kind = 'other' WHERE sequence = 2")
            database.commit()
        said = told(capsys, "tick", code=1)
        assert "bolt: 4 recorded, 1 sent" in said
        assert "error: acme: entry 2 of the ledger of acme is not as it was written" in said

    def test_windows_that_break_the_promise_are_refused_and_nothing_is_recorded(
        self, go_to: Any, capsys: Said, tmp_path: Path
    ) -> None:
        go_to("2026-11-17T12:00")
        file = tmp_path / "stacks" / "Pulumi.acme.yaml"
        document = yaml.safe_load(file.read_text())
        frozen = {"name": "freeze", "since": "2027-01-01T00:00", "until": "2027-06-01T00:00"}
        document["config"]["installation:contract"]["blackouts"] = [frozen]
        file.write_text(yaml.safe_dump(document))
        said = told(capsys, "tick", "acme", code=2)
        assert "the contract's windows break the promise of MU-2" in said
        assert "January 2027 has no window" in said
        assert "there is no ledger of acme" in told(capsys, "ledger", "show", "acme", code=2)


def test_a_fleet_is_played_on_paper(capsys: Said) -> None:
    found = read(capsys, "simulate", "--installations", "20", "--months", "6", "--seed", "7")
    assert found["installations"] == 20
    assert sum(found["nights"].values()) == found["runs"]
    assert "20 installations over 6 months, on paper" in told(
        capsys, "simulate", "--installations", "20", "--months", "6", "--seed", "7"
    )


def test_a_begin_that_is_no_day_is_refused(capsys: Said) -> None:
    assert "--begin 'soon' is no day" in told(capsys, "simulate", "--begin", "soon", code=2)
