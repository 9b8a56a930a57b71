"""The waivers and attestations that a stack names: found beside it, read whole, and none where it names no file."""

from pathlib import Path

import pytest

from kastellan.adapters.evidence.exemptions_file import stack_exemptions
from kastellan.config.stack import StackConfig, parse_stack
from kastellan.domain.errors import InvalidInputError
from kastellan.preflight.exemption import Attestation, Waiver
from tests.unit.config.test_stack import GOOD

_FILE = """\
waivers:
  - {id: PG-4, reason: one zone until the move, approver: head of SRE, expires: 2027-01-31}
attestations:
  - id: PG-5
    statement: restored to 10 minutes before the test
    by: database team, Customer AG
    date: 2026-11-10
    document: sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
    expires: 2027-02-10
"""


def _stack(folder: Path, **values: str) -> StackConfig:
    return parse_stack("acme", {**GOOD, **values}, folder=folder)


def test_a_stack_without_a_file_has_none(tmp_path: Path) -> None:
    assert stack_exemptions(_stack(tmp_path)) == ()


def test_the_file_is_looked_for_beside_the_project(tmp_path: Path) -> None:
    (tmp_path / "exemptions.yaml").write_text(_FILE)
    waiver, attestation = stack_exemptions(_stack(tmp_path, exemptions="exemptions.yaml"))
    assert isinstance(waiver, Waiver)
    assert isinstance(attestation, Attestation)
    assert (waiver.check, attestation.check) == ("PG-4", "PG-5")


def test_a_file_that_is_not_there_is_told_and_is_no_empty_one(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"exemptions.yaml cannot be read"):
        stack_exemptions(_stack(tmp_path, exemptions="exemptions.yaml"))


def test_every_flaw_of_the_file_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "exemptions.yaml").write_text(_FILE.replace("PG-4", "PG-40").replace("PG-5", "PG-50"))
    with pytest.raises(InvalidInputError) as caught:
        stack_exemptions(_stack(tmp_path, exemptions="exemptions.yaml"))
    assert {reason.path for reason in caught.value.reasons} == {"PG-40", "PG-50"}
