"""What the last preflight of a stack backs is shown until its evidence is too old."""

from datetime import timedelta
from pathlib import Path

import pytest

from kastellan.cli.last_report import backed_guarantees, keep_report
from tests.unit.preflight.platforms import NOW, bad, report


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path


def _holds(stack: str, days: int) -> dict[str, str]:
    return {one["what"]: one["holds"] for one in backed_guarantees(stack, NOW + timedelta(days=days))}


def test_a_stack_without_a_report_has_nothing_to_show() -> None:
    assert backed_guarantees("acme", NOW) == []


def test_a_good_report_backs_strict_tls_for_a_month_and_then_nobody_knows() -> None:
    keep_report("acme", report())
    assert _holds("acme", 1)["strict TLS everywhere"] == "yes"
    assert _holds("acme", 32)["strict TLS everywhere"] == "unknown"
    assert _holds("other", 1) == {}


def test_the_last_report_counts() -> None:
    keep_report("acme", report())
    keep_report("acme", report(bad()))
    assert _holds("acme", 1)["maintenance can run when it is due"] == "no"


def test_a_file_that_is_no_report_is_passed_over(state: Path) -> None:
    keep_report("acme", report())
    (state / "kastellan" / "preflight" / "acme.json").write_text("{}")
    assert backed_guarantees("acme", NOW) == []
