"""`termination`: who gives notice, from when on, with which dates (MU-5)."""

import io
from pathlib import Path
from typing import Any

import pytest

from tests.commands import Said, go_to, read, told

__all__ = ["go_to"]


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
