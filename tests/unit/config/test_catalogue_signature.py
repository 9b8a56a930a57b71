"""A catalogue decides which images run at customers': where a stack names signers, nobody else's is read."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from kastellan.adapters.store.signing import load_signer
from kastellan.cli.main import run
from kastellan.config.catalogue_file import read_catalogue
from kastellan.config.catalogue_signature import signature_path
from kastellan.domain.errors import InvalidInputError
from tests.commands import CATALOGUE, Said, go_to, told

__all__ = ["go_to"]


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    (tmp_path / "catalogue.yaml").write_text(CATALOGUE)
    return tmp_path / "catalogue.yaml"


def key_id(folder: Path, name: str = "ours") -> str:
    return load_signer(folder / f"{name}.pem").key_id


def sign(catalogue: Path, name: str = "ours", *, code: int = 0) -> None:
    assert run(["catalogue", "sign", str(catalogue), "--key", str(catalogue.with_name(f"{name}.pem"))]) == code


def refusal(catalogue: Path, *signers: str) -> tuple[str, str]:
    with pytest.raises(InvalidInputError) as refused:
        read_catalogue(catalogue, signers=signers)
    (reason,) = refused.value.reasons
    return reason.code, str(reason)


def test_what_a_signer_has_signed_is_read(catalogue: Path, tmp_path: Path) -> None:
    sign(catalogue)
    assert read_catalogue(catalogue, signers=["0" * 64, key_id(tmp_path)]).newest
    assert read_catalogue(catalogue).newest, "where nobody asks for one, a signature changes nothing"


def test_without_a_signature_it_says_who_signs(catalogue: Path, tmp_path: Path) -> None:
    code, said = refusal(catalogue, key_id(tmp_path))
    assert code == "catalogue-unsigned"
    assert "there is no catalogue.yaml.dsse.json beside it" in said
    assert "vendor acts: whoever keeps the catalogue reads and signs it: kastellan catalogue sign" in said


def test_one_byte_that_was_changed_after_it_was_signed_is_seen(catalogue: Path, tmp_path: Path) -> None:
    sign(catalogue)
    catalogue.write_bytes(catalogue.read_bytes() + b"\r\n")
    code, said = refusal(catalogue, key_id(tmp_path))
    assert code == "catalogue-signature"
    assert "the catalogue was changed after it was signed" in said
    sign(catalogue)
    assert read_catalogue(catalogue, signers=[key_id(tmp_path)])


def test_somebody_elses_signature_is_none(catalogue: Path, tmp_path: Path) -> None:
    sign(catalogue, "theirs")
    code, said = refusal(catalogue, key_id(tmp_path))
    assert code == "catalogue-signer"
    assert key_id(tmp_path, "theirs") in said


def test_several_may_sign_and_each_once(catalogue: Path, tmp_path: Path, capsys: Said) -> None:
    sign(catalogue, "theirs")
    sign(catalogue)
    assert read_catalogue(catalogue, signers=[key_id(tmp_path)])
    sign(catalogue, code=2)
    assert "signed with this key already" in capsys.readouterr().err
    assert len(json.loads(signature_path(catalogue).read_text())["signatures"]) == 2


def other_key(envelope: dict[str, Any], _: str) -> None:
    envelope["signatures"][0]["publicKey"] = "A" * 43 + "="


def claimed_id(envelope: dict[str, Any], ours: str) -> None:
    envelope["signatures"][0]["keyid"] = ours


def other_payload(envelope: dict[str, Any], _: str) -> None:
    envelope["payload"] = "e30="


def no_signature(envelope: dict[str, Any], _: str) -> None:
    envelope["signatures"] = []


def more_fields(envelope: dict[str, Any], _: str) -> None:
    envelope["signatures"][0]["x"] = 1


def no_list(envelope: dict[str, Any], _: str) -> None:
    envelope["signatures"] = 5


def other_type(envelope: dict[str, Any], _: str) -> None:
    envelope["payloadType"] = "text/plain"


@pytest.mark.parametrize(
    "forge", [other_key, claimed_id, other_payload, no_signature, more_fields, no_list, other_type]
)
def test_a_forged_envelope_is_refused(catalogue: Path, tmp_path: Path, forge: Any) -> None:
    sign(catalogue, "theirs")
    envelope = json.loads(signature_path(catalogue).read_text())
    forge(envelope, key_id(tmp_path))
    signature_path(catalogue).write_text(json.dumps(envelope))
    assert refusal(catalogue, key_id(tmp_path))[0] == "catalogue-signature"


def test_a_signature_of_ours_about_something_else_is_refused(catalogue: Path, tmp_path: Path) -> None:
    from kastellan.adapters.catalogue_signing import _with_key
    from kastellan.domain.canonical import canonical

    sign(catalogue)
    statement = {"_type": "https://in-toto.io/Statement/v1", "predicateType": "https://kastellan.dev/ledger/v1"}
    statement["subject"] = [{"name": "x", "digest": {"sha256": "0" * 64}}]
    envelope = _with_key(load_signer(tmp_path / "ours.pem"), canonical(statement))
    signature_path(catalogue).write_text(json.dumps(envelope))
    assert "about something else than a release catalogue" in refusal(catalogue, key_id(tmp_path))[1]


@pytest.mark.parametrize("content", ["", "[]", "null", "{", '{"payload": "'])
def test_what_is_no_envelope_is_refused(catalogue: Path, tmp_path: Path, content: str) -> None:
    signature_path(catalogue).write_text(content)
    assert refusal(catalogue, key_id(tmp_path))[0] == "catalogue-signature"


def test_what_is_no_catalogue_is_not_signed(catalogue: Path, capsys: Said) -> None:
    catalogue.write_text("releases: []")
    sign(catalogue, code=2)
    assert not signature_path(catalogue).exists()


def test_verify_says_who_signed_or_what_is_wrong(catalogue: Path, tmp_path: Path, capsys: Said) -> None:
    assert "there is no catalogue.yaml.dsse.json" in told(capsys, "catalogue", "verify", str(catalogue), code=6)
    sign(catalogue)
    assert key_id(tmp_path) in told(capsys, "catalogue", "verify", str(catalogue))
    told(capsys, "catalogue", "verify", str(catalogue), "--key-id", key_id(tmp_path))
    told(capsys, "catalogue", "verify", str(catalogue), "--key-id", "0" * 64, code=6)
    catalogue.write_text(CATALOGUE + "#\n")
    assert "changed after it was signed" in told(capsys, "catalogue", "verify", str(catalogue), code=6)


class TestCommands:
    """Where a stack names signers, no command decides by a catalogue that they have not signed."""

    @pytest.fixture
    def stack(self, go_to: Any, catalogue: Path, tmp_path: Path) -> Path:
        go_to("2026-11-02T12:00")
        path = tmp_path / "stacks" / "Pulumi.acme.yaml"
        document = yaml.safe_load(path.read_text())
        document["config"]["installation:catalogueSigners"] = [key_id(tmp_path)]
        document["config"]["installation:catalogue"] = "catalogue.yaml"
        path.write_text(yaml.safe_dump(document))
        return path

    @pytest.mark.parametrize(
        "command", [("plan", "acme"), ("maintain", "acme"), ("maintain", "--due"), ("pending", "acme"), ("tick",)]
    )
    def test_an_unsigned_one_is_refused(self, stack: Path, capsys: Said, command: tuple[str, ...]) -> None:
        said = told(capsys, *command, code=2)
        assert "catalogue.yaml is not signed" in said
        assert "whoever keeps the catalogue reads and signs it" in said

    def test_a_signed_one_is_taken_and_its_change_is_seen_at_once(
        self, stack: Path, catalogue: Path, capsys: Said
    ) -> None:
        sign(catalogue)
        told(capsys, "tick", "acme")
        for _ in range(2):
            told(capsys, "maintain", "--due")
        signature_path(catalogue).unlink()
        assert "catalogue.yaml is not signed" in told(capsys, "maintain", "--due", code=2)

    def test_an_older_one_with_its_old_signature_is_refused_by_every_command(
        self, stack: Path, catalogue: Path, capsys: Said
    ) -> None:
        sign(catalogue)
        old = (catalogue.read_bytes(), signature_path(catalogue).read_bytes())
        signature_path(catalogue).unlink()
        catalogue.write_text(CATALOGUE.replace("asOf: 2026-11-01", "asOf: 2026-11-02"))
        sign(catalogue)
        told(capsys, "tick", "acme")
        told(capsys, "tick", "acme")
        assert told(capsys, "ledger", "show", "acme").count("catalogue-adopted") == 1
        catalogue.write_bytes(old[0])
        signature_path(catalogue).write_bytes(old[1])
        for command in (("plan", "acme"), ("maintain", "acme"), ("maintain", "--due"), ("pending", "acme"), ("tick",)):
            said = told(capsys, *command, code=2)
            assert "catalogue.yaml is of 2026-11-01, and of 2026-11-02 was adopted before it" in said
            assert "vendor acts: find out who put the older one back" in said

    def test_a_higher_serial_is_taken_and_what_was_adopted_stays_on_record(
        self, stack: Path, catalogue: Path, capsys: Said
    ) -> None:
        for serial in (7, 8):
            signature_path(catalogue).unlink(missing_ok=True)
            catalogue.write_text(CATALOGUE + f"serial: {serial}\n")
            sign(catalogue)
            told(capsys, "tick", "acme")
        assert told(capsys, "ledger", "show", "acme").count("catalogue-adopted") == 2
        signature_path(catalogue).unlink()
        catalogue.write_text(CATALOGUE + "serial: 8\n# another one\n")
        sign(catalogue)
        assert "another one of this serial was adopted before it" in told(capsys, "plan", "acme", code=2)

    def test_an_expired_one_is_refused_from_the_end_of_its_last_day(
        self, stack: Path, catalogue: Path, capsys: Said, go_to: Any
    ) -> None:
        catalogue.write_text(CATALOGUE + "expires: 2026-11-03\n")
        sign(catalogue)
        told(capsys, "tick", "acme")
        told(capsys, "maintain", "--due")
        go_to("2026-11-04T00:59")  # in Zurich; in UTC it is still the third
        told(capsys, "maintain", "--due")
        go_to("2026-11-04T01:00")
        said = told(capsys, "maintain", "--due", code=2)
        assert "catalogue.yaml has expired after 2026-11-03" in said
        assert "bring the newest one" in said

    def test_the_packaged_one_is_signed_by_nobody(self, stack: Path, capsys: Said) -> None:
        stack.write_text(stack.read_text().replace("installation:catalogue: catalogue.yaml", "other:x: y"))
        assert "the packaged catalogue is signed by none of these keys" in told(capsys, "pending", "acme", code=2)
