"""Waivers and attestations: by name, until a day, and never hiding a row."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from kastellan.adapters.evidence.exemptions_file import read_exemptions
from kastellan.domain.errors import InvalidInputError
from kastellan.preflight.catalogue import CHECKS
from kastellan.preflight.exempting import Use
from kastellan.preflight.exemption import Attestation, Waiver
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.report import Overall, Report
from kastellan.preflight.selection import Selection
from tests.unit.preflight.platforms import NOW, RESTORED, UNKNOWN, facts, node, nodes, report

_TODAY = NOW.date()
_GOOD = """\
waivers:
  - {id: ZON-1, reason: a third zone comes in March, approver: head of SRE, expires: 2027-03-31}
attestations:
  - id: CAP-1
    statement: four nodes a zone are reserved
    by: platform team, Customer AG
    date: 2026-11-20
    document: sha256:%s
    expires: 2027-02-20
""" % ("d" * 64)


def _waiver(check: str = "ZON-1", expires: date = _TODAY) -> Waiver:
    return Waiver(check=check, reason="a third zone comes", approver="head of SRE", expires=expires)


def _attestation(check: str, expires: date = _TODAY) -> Attestation:
    return Attestation(
        check=check, statement="four nodes are reserved", by="Customer AG", stated=_TODAY - timedelta(days=3),
        document="d" * 64, expires=expires,
    )  # fmt: skip


def _row(found: Report, check: str) -> Any:
    return next(one for one in found.findings if one.check == check)


def test_a_waiver_accepts_what_fails_until_its_last_day_and_the_row_still_says_what_is_wrong() -> None:
    two_zones = tuple(node(f"{zone}{number}", zone) for zone in "ab" for number in range(4))
    found = report(facts(nodes=two_zones), exemptions=[_waiver(), RESTORED])
    row = _row(found, "ZON-1")
    assert (row.outcome, row.judged) == (Outcome.WAIVED, Outcome.FAIL)
    assert "2 zones take pods" in row.observed
    assert "head of SRE" in row.observed
    assert found.overall is Overall.PASSED
    assert len(found.findings) == len(CHECKS)


def test_an_expired_waiver_accepts_nothing_and_where_nothing_else_is_wrong_it_is_what_is_wrong() -> None:
    late = _waiver(expires=_TODAY - timedelta(days=1))
    failing = report(facts(nodes=nodes()[:2]), exemptions=[late])
    assert failing.overall is Overall.FAILED
    assert _row(failing, "ZON-1").outcome is Outcome.FAIL
    assert report(exemptions=[late, RESTORED]).overall is Overall.EXPIRED


def test_a_waiver_of_what_passes_is_told_as_not_needed() -> None:
    found = report(exemptions=[_waiver()])
    assert [one.use for one in found.exempted] == [Use.NOT_NEEDED]
    assert _row(found, "ZON-1").outcome is Outcome.PASS


def test_nobody_can_accept_a_defect_of_ours() -> None:
    found = report(facts(server_version="unreadable"), exemptions=[_waiver("VER-1")])
    assert _row(found, "VER-1").outcome is Outcome.ERROR


def test_a_statement_stands_for_what_cannot_be_seen_and_never_for_what_was_seen_to_be_wrong() -> None:
    unseen = report(facts(pods=UNKNOWN), exemptions=[_attestation("CAP-1")])
    row = _row(unseen, "CAP-1")
    assert (row.outcome, row.judged, row.vantage) == (Outcome.ATTESTED, Outcome.UNKNOWN, "attested")
    wrong = report(facts(nodes=nodes()[:2]), exemptions=[_attestation("ZON-1")])
    assert _row(wrong, "ZON-1").outcome is Outcome.FAIL


@pytest.mark.parametrize("exemption", [_waiver(), _attestation("ZON-1")])
def test_what_somebody_chose_not_to_look_at_stays_unknown(exemption: Waiver | Attestation) -> None:
    found = report(exemptions=[exemption], selection=Selection(skip=frozenset({"ZON-1"})))
    assert _row(found, "ZON-1").outcome is Outcome.UNKNOWN
    assert [(one.use, one.because) for one in found.exempted] == [(Use.NOT_NEEDED, "the check was left out by --skip")]
    assert found.overall is Overall.INCOMPLETE


def _written(folder: Path, text: str) -> Path:
    path = folder / "waivers.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_of_waivers_and_attestations_is_read(tmp_path: Path) -> None:
    waiver, attestation = read_exemptions(_written(tmp_path, _GOOD))
    assert waiver == Waiver(
        check="ZON-1", reason="a third zone comes in March", approver="head of SRE", expires=date(2027, 3, 31)
    )
    assert isinstance(attestation, Attestation)
    assert (attestation.stated, attestation.document) == (date(2026, 11, 20), "d" * 64)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("ZON-1", "ZON-77"), "ZON-77: there is no such check"),
        (("CAP-1", "ZON-1"), "two entries are about this check"),
        (("approver: head of SRE, ", ""), "approver: this key is required"),
        (("expires: 2027-03-31", "expires: never"), "expires"),
        (("reason: a third zone comes in March", "reason: '  '"), "reason"),
        (("sha256:d", "sha256:x"), "document"),
        (("waivers:", "waive: all\nwaivers:"), "waive: this key is not known; did you mean waivers"),
        (("waivers:", "["), "no YAML"),
    ],
)
def test_a_file_with_a_mistake_is_refused_with_its_place(tmp_path: Path, change: tuple[str, str], says: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_exemptions(_written(tmp_path, _GOOD.replace(*change)))
    assert says in str(refused.value)
