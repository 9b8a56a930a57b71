"""`kastellan windows` as a customer's administrator sees it."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from kastellan.cli.main import run
from tests.builders import CA

DIGEST = "sha256:" + "a" * 64
CONTRACT: dict[str, Any] = {
    "plan": "advanced",
    "zone": "Europe/Zurich",
    "windows": [{"recurrence": "FREQ=MONTHLY;BYDAY=1TU", "first": "2026-01-01", "start": "22:00", "duration": "6h"}],
    "holidays": {"country": "CH", "subdivision": "SG"},
}


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Writes the stack `acme` with a contract."""
    (tmp_path / "Pulumi.yaml").write_text("name: installation\nstackConfigDir: stacks\n")
    (tmp_path / "stacks").mkdir()
    monkeypatch.chdir(tmp_path)

    def write(**changes: Any) -> None:
        contract = {key: value for key, value in (CONTRACT | changes).items() if value is not None}
        config = {
            "platform": "existing",
            "version": "v4.13.1",
            "domain": "id.customer.example",
            "cluster": {"kubeconfigPath": "a.kubeconfig"},
            "database": {"host": "db", "ca": CA},
            "images": {"zitadel": f"r/z@{DIGEST}", "login": f"r/l@{DIGEST}"},
            "contract": contract,
        }
        document = {"config": {f"installation:{key}": value for key, value in config.items()}}
        (tmp_path / "stacks" / "Pulumi.acme.yaml").write_text(yaml.safe_dump(document))

    return write


def test_thirteen_months_of_windows_are_listed(stack: Any, capsys: pytest.CaptureFixture[str]) -> None:
    stack()
    assert run(["windows", "acme"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == "Maintenance windows of acme, local time of Europe/Zurich"
    assert 12 <= len(shown) - 1 <= 14
    assert all("22:00 to Wed 04:00" in line for line in shown[1:])


def test_json_names_the_data_that_it_rests_on(stack: Any, capsys: pytest.CaptureFixture[str]) -> None:
    stack()
    assert run(["windows", "acme", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["sources"].keys() == {"holidays", "tzdata"}
    assert document["brokenPromises"] == []
    assert all(window["counts"] and window["seconds"] == 6 * 3600 for window in document["windows"])


def test_overlapping_rules_are_merged_and_reported(stack: Any, capsys: pytest.CaptureFixture[str]) -> None:
    (one,) = CONTRACT["windows"]
    stack(windows=[one, one | {"start": "23:00"}])
    assert run(["windows", "acme"]) == 0
    assert "These rules overlap and are merged: window 1, window 2" in capsys.readouterr().out
    assert run(["windows", "acme", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["merged"] == [["window 1", "window 2"]]
    assert all(window["seconds"] == 7 * 3600 for window in document["windows"])


def test_a_start_that_the_clock_skips_is_allowed_and_flagged(stack: Any, capsys: pytest.CaptureFixture[str]) -> None:
    (one,) = CONTRACT["windows"]
    stack(windows=[one | {"recurrence": "FREQ=WEEKLY;BYDAY=SU", "start": "02:30"}])
    assert run(["windows", "acme"]) == 0
    assert (
        "03:30 to Sun 09:30   6.0 h  window 1, its start is skipped by the change of the clock"
        in capsys.readouterr().out
    )


def test_a_configuration_that_breaks_the_promise_fails_with_the_months(
    stack: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    stack(blackouts=[{"name": "freeze", "since": "2020-01-01T00:00", "until": "2090-01-01T00:00"}])
    assert run(["windows", "acme"]) == 3
    shown = capsys.readouterr().out
    assert "has no window of 4 hours" in shown
    assert "[MU-2]" in shown


def test_an_instant_is_explained_rule_by_rule(stack: Any, capsys: pytest.CaptureFixture[str]) -> None:
    stack()
    assert run(["windows", "acme", "--explain", "2026-12-25T12:00:00+01:00"]) == 0
    shown = capsys.readouterr().out
    assert "2026-12-25T12:00+01:00 is outside a maintenance window" in shown
    assert "window 1: not at this instant" in shown
    assert "closed by Christmas Day" in shown


def test_business_hours_are_closed(stack: Any, capsys: pytest.CaptureFixture[str]) -> None:
    stack(businessHours={"days": ["MO"], "start": "09:00", "end": "12:00"})
    assert run(["windows", "acme", "--explain", "2026-11-30T11:59:59+01:00"]) == 0
    assert "closed by business hours" in capsys.readouterr().out
    assert run(["windows", "acme", "--explain", "2026-11-30T12:00:00+01:00"]) == 0
    assert "closed by" not in capsys.readouterr().out


def test_a_customers_calendar_closes_what_it_says(
    stack: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    event = "BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Black Friday\r\nDTSTART;VALUE=DATE:20261127\r\nEND:VEVENT\r\n"
    (tmp_path / "freeze.ics").write_text(f"BEGIN:VCALENDAR\r\n{event}END:VCALENDAR\r\n", newline="")
    stack(blackoutCalendar="freeze.ics")
    assert run(["windows", "acme", "--explain", "2026-11-27T23:59:59+01:00"]) == 0
    assert "closed by Black Friday" in capsys.readouterr().out
    stack(blackoutCalendar="missing.ics")
    assert run(["windows", "acme"]) == 2
    assert "missing.ics" in capsys.readouterr().err


def test_without_custom_windows_the_vendor_sets_the_time(stack: Any, capsys: pytest.CaptureFixture[str]) -> None:
    stack(plan="standard", windows=None)
    assert run(["windows", "acme"]) == 0
    assert "the vendor's window" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"plan": "standard"}, "update flexibility"),
        ({"zone": "Europe/Atlantis"}, "installation:contract.zone"),
        ({"windows": [CONTRACT["windows"][0] | {"duration": "6 weeks"}]}, "installation:contract.windows[0].duration"),
        ({"windows": [CONTRACT["windows"][0] | {"recurrence": "FREQ=DAILY;COUNT=2"}]}, "COUNT is not allowed"),
        (
            {"windows": [CONTRACT["windows"][0] | {"recurrence": "FREQ=DAILY", "duration": "25h"}]},
            "installation:contract.windows[0]: this span: it lasts longer than the time until it comes back",
        ),
        ({"blackouts": [{"since": "2026-12-02T00:00", "until": "2026-12-01T00:00"}]}, "ends before it begins"),
        ({"blackouts": [{"since": "2026-12-02T00:00"}]}, "installation:contract.blackouts[0].until"),
        ({"holidays": {"country": "XX"}}, "public holidays of XX"),
        ({"businessHours": {"start": "17:00", "end": "08:00"}}, "end after they start"),
        ({"terms": {"deniedMonths": 0}}, "installation:contract.terms.deniedMonths"),
        ({"terms": {"timelyDays": 30, "offerDays": 20}}, "no later than counts as in time"),
        ({"plan": None}, "installation:contract.plan"),
    ],
)
def test_a_contract_that_cannot_be_is_refused_with_its_path(
    stack: Any, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], says: str
) -> None:
    stack(**changes)
    assert run(["windows", "acme"]) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(("instant", "says"), [("yesterday", "no instant"), ("2026-12-01T22:00:00", "no offset")])
def test_an_instant_without_an_offset_is_refused(
    stack: Any, capsys: pytest.CaptureFixture[str], instant: str, says: str
) -> None:
    stack()
    assert run(["windows", "acme", "--explain", instant]) == 2
    assert says in capsys.readouterr().err
