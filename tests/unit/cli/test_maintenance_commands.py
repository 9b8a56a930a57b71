"""`tick`, `status`, `pending` and `decide` as an SRE and a pipeline see them, on a real store in a file."""

import io
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import recurring_ical_events
import yaml
from icalendar import Calendar

from kastellan.adapters.system_clock import SystemClock
from kastellan.cli.main import run
from tests.builders import CA
from tests.histories import at

DIGEST = "sha256:" + "a" * 64
Said = pytest.CaptureFixture[str]


@pytest.fixture
def go_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Sets the clock; the project has the stacks `acme` and `bolt`, whose notices are written into `out`."""
    (tmp_path / "Pulumi.yaml").write_text("name: installation\nstackConfigDir: stacks\n")
    (tmp_path / "stacks").mkdir()
    config = {
        "platform": "existing",
        "version": "v4.13.1",
        "domain": "id.customer.example",
        "cluster": {"kubeconfigPath": "a.kubeconfig"},
        "database": {"host": "db", "ca": CA},
        "images": {"zitadel": f"r/z@{DIGEST}", "login": f"r/l@{DIGEST}"},
        "contract": {"plan": "advanced", "zone": "Europe/Zurich", "notify": ["operations"]},
    }
    for name in ("acme", "bolt"):
        document = {"config": {f"installation:{key}": value for key, value in config.items()}}
        (tmp_path / "stacks" / f"Pulumi.{name}.yaml").write_text(yaml.safe_dump(document))
    (tmp_path / "out").mkdir()
    channels = tmp_path / "channels.yaml"
    channels.write_text(f"operations: {(tmp_path / 'out').as_uri()}\n")
    channels.chmod(0o600)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("KASTELLAN_CHANNELS", str(channels))

    def go(local: str) -> None:
        def now(_: SystemClock) -> datetime:
            return at(local)

        monkeypatch.setattr(SystemClock, "now", now)

    return go


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def told(capsys: Said, *arguments: str, code: int = 0) -> str:
    assert run(list(arguments)) == code
    captured = capsys.readouterr()
    return captured.out if code == 0 else captured.out + captured.err


def read(capsys: Said, *arguments: str, code: int = 0) -> Any:
    return json.loads(told(capsys, *arguments, "--json", code=code))


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


class TestTermination:
    """MU-5: kastellan drafts, a named person acts."""

    @pytest.fixture
    def ripe(self, go_to: Any, capsys: Said) -> None:
        """Three months were denied, and nobody resolved the escalation."""
        who = ("--who", "Ada Example", "--channel", "mail", "--reason", "no")
        go_to("2026-11-12T12:00")
        told(capsys, "tick", "acme")
        for tick, month in (("2026-11-17", "2026-12"), ("2026-12-20", "2027-01"), ("2027-01-20", "2027-02")):
            go_to(f"{tick}T12:00")
            told(capsys, "tick", "acme")
            told(capsys, "decide", "acme", "deny", f"regular/{month}", *who, "--yes")
        go_to("2027-03-08T12:00")
        told(capsys, "tick", "acme")

    def test_without_a_right_nothing_is_drafted_or_recorded(self, go_to: Any, capsys: Said) -> None:
        go_to("2026-11-17T12:00")
        told(capsys, "tick", "acme")
        assert "no right to terminate exists (normal)" in told(capsys, "termination", "draft", "acme", code=5)
        said = told(capsys, "termination", "notice", "acme", "--yes", code=5)
        assert "no person is named" in said
        assert "no right to terminate exists" in said
        assert told(capsys, "tick", "acme") == "acme: 0 recorded, 0 sent\n"

    def test_a_draft_has_every_date_and_records_nothing(self, ripe: None, capsys: Said) -> None:
        said = told(capsys, "termination", "draft", "acme")
        assert "escalated on Monday 2027-03-01 00:00 (UTC+0100) [MU-4]" in said
        assert "It ends before Thursday 2027-04-08 00:00 (UTC+0200)" in said
        assert read(capsys, "status", "acme", code=4)["installations"][0]["state"] == "termination right"

    def test_a_named_person_gives_notice_once_and_it_is_sent_by_the_next_tick(
        self, ripe: None, go_to: Any, capsys: Said, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO())
        notice = ("termination", "notice", "acme", "--who", "Max Muster")
        assert "confirm it with --yes" in told(capsys, *notice, code=2)
        assert "recorded: notice of termination by Max Muster" in told(capsys, *notice, "--yes")
        assert read(capsys, "status", "acme", code=4)["installations"][0]["state"] == "notice given"
        assert "notice was given already" in told(capsys, *notice, "--yes", code=5)
        assert "notice: acme: notice of termination\n" in told(capsys, "tick", "acme")
        go_to("2027-04-08T00:00")
        assert read(capsys, "status", "acme", code=4)["installations"][0]["state"] == "ended"

    def test_a_customer_recomputes_every_date_from_an_export_without_store_and_stack(
        self, ripe: None, capsys: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bundle = tmp_path / "elsewhere" / "acme.json"
        bundle.parent.mkdir()
        told(capsys, "ledger", "export", "acme", "--output", str(bundle))
        (ours,) = read(capsys, "status", "acme", code=4)["installations"]
        holds = {row["what"]: row["holds"] for row in ours["guarantees"]}
        assert holds["any one zone may be lost without dropping below the sized load [DI-2]"] == "no"
        monkeypatch.chdir(bundle.parent)
        monkeypatch.setenv("KASTELLAN_STORE", "sqlite:////nowhere/at/all")
        theirs = read(capsys, "ledger", "recompute", str(bundle))
        same = ("state", "suspended", "deniedMonthsInRow", "quarterEnds", "clocks", "escalations", "suspensions")
        assert {key: theirs[key] for key in same} == {key: ours[key] for key in same}
        said = told(capsys, "ledger", "recompute", str(bundle), "--at", "2027-03-06T23:59:59+01:00")
        assert said.startswith("acme  v4.13.1  escalated  service level and liability are suspended [MU-6]\n")
        bundle.write_text(bundle.read_text().replace("Ada Example", "Eve Example"))
        assert "INVALID: entry" in told(capsys, "ledger", "recompute", str(bundle), code=6)

    def test_a_named_person_takes_it_back_with_a_reason(self, ripe: None, go_to: Any, capsys: Said) -> None:
        withdraw = ("termination", "withdraw", "acme", "--who", "Max Muster", "--yes")
        assert "no notice is running" in told(capsys, *withdraw, "--reason", "settled", code=5)
        told(capsys, "termination", "notice", "acme", "--who", "Max Muster", "--yes")
        go_to("2027-03-09T12:00")
        assert "the reason is empty" in told(capsys, *withdraw, code=5)
        told(capsys, *withdraw, "--reason", "settled")
        assert read(capsys, "status", "acme", code=4)["installations"][0]["state"] == "termination right"
        assert "notice of termination withdrawn" in told(capsys, "tick", "acme")


class TestCalendar:
    def test_before_the_first_tick_there_is_none(self, go_to: Any, capsys: Said) -> None:
        go_to("2026-11-17T12:00")
        assert "has no ledger yet; run: kastellan tick acme" in told(capsys, "calendar", "acme", code=2)

    def test_it_has_the_promised_windows_at_their_instants(self, go_to: Any, capsys: Said) -> None:
        go_to("2026-11-17T12:00")
        told(capsys, "tick", "acme")
        text = told(capsys, "calendar", "acme")
        starts = [window["start"] for window in read(capsys, "windows", "acme")["windows"]]
        events = recurring_ical_events.of(Calendar.from_ical(text)).between((2026, 11, 1), (2028, 1, 1))
        assert [f"{event.start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" for event in events] == [
            start for start in starts if start < "2027-12-01"
        ], "whole months are promised"

    def test_a_denied_window_is_cancelled_under_the_same_uid_and_a_higher_sequence(
        self, go_to: Any, capsys: Said
    ) -> None:
        go_to("2026-11-17T12:00")
        told(capsys, "tick", "acme")

        def december() -> Any:
            found = Calendar.from_ical(told(capsys, "calendar", "acme")).events
            return next(event for event in found if "regular/2026-12" in str(event["SUMMARY"]))

        before = december()
        who = ("--who", "Ada Example", "--channel", "mail", "--reason", "our own release")
        told(capsys, "decide", "acme", "deny", "regular/2026-12", *who, "--yes")
        after = december()
        assert (str(after["STATUS"]), after["UID"]) == ("CANCELLED", before["UID"])
        assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])

    def test_it_is_written_whole_into_a_file(self, go_to: Any, capsys: Said, tmp_path: Path) -> None:
        go_to("2026-11-17T12:00")
        told(capsys, "tick", "acme")
        told(capsys, "calendar", "acme", "--output", str(tmp_path / "acme.ics"))
        assert (tmp_path / "acme.ics").read_bytes().endswith(b"END:VCALENDAR\r\n")


def test_a_fleet_is_played_on_paper(capsys: Said) -> None:
    found = read(capsys, "simulate", "--installations", "20", "--months", "6", "--seed", "7")
    assert found["installations"] == 20
    assert sum(found["nights"].values()) == found["runs"]
    assert "20 installations over 6 months, on paper" in told(
        capsys, "simulate", "--installations", "20", "--months", "6", "--seed", "7"
    )


def test_a_begin_that_is_no_day_is_refused(capsys: Said) -> None:
    assert "--begin 'soon' is no day" in told(capsys, "simulate", "--begin", "soon", code=2)
