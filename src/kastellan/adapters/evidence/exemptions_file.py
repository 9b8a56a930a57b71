"""Reads waivers and attestations from a YAML file that lies under version control, where approvals are made."""

from datetime import date
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import Field, StringConstraints, ValidationError

from kastellan.config.fields import ConfigModel
from kastellan.config.problem import reasons_of
from kastellan.config.stack import StackConfig
from kastellan.domain.errors import InvalidInputError
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.preflight.catalogue import CHECKS
from kastellan.preflight.exempting import unknown_ids
from kastellan.preflight.exemption import Attestation, Exemption, Waiver

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_Digest = Annotated[str, Field(pattern="^(sha256:)?[0-9a-f]{64}$")]


class _Waiver(ConfigModel):
    id: _Text
    reason: _Text
    approver: _Text
    expires: date


class _Attestation(ConfigModel):
    id: _Text
    statement: _Text
    by: _Text
    stated: date = Field(alias="date")
    document: _Digest
    expires: date


class _File(ConfigModel):
    waivers: tuple[_Waiver, ...] = ()
    attestations: tuple[_Attestation, ...] = ()


def read_exemptions(path: Path) -> tuple[Exemption, ...]:
    """The exemptions of a file.

    Raises:
        InvalidInputError: it cannot be read or is not valid, an id is no check's, or two are about one check; with
            every reason.
    """
    try:
        model = _File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except (OSError, UnicodeDecodeError) as cause:
        raise InvalidInputError(f"the waivers file {path} cannot be read: {type(cause).__name__}") from cause
    except yaml.YAMLError as cause:
        raise InvalidInputError(f"the waivers file {path} is no YAML: {' '.join(str(cause).split())}") from cause
    except ValidationError as cause:
        raise InvalidInputError(f"the waivers file {path} is not valid", reasons_of(cause, _File)) from cause
    found = (*map(_waiver, model.waivers), *map(_attestation, model.attestations))
    if problems := _problems(found):
        raise InvalidInputError(f"the waivers file {path} is not valid", problems)
    return found


def stack_exemptions(stack: StackConfig) -> tuple[Exemption, ...]:
    """The exemptions that a stack names; none where it names no file.

    Raises:
        InvalidInputError: see `read_exemptions`.
    """
    return read_exemptions(stack.exemptions) if stack.exemptions else ()


def _waiver(row: _Waiver) -> Exemption:
    return Waiver(check=row.id, reason=row.reason, approver=row.approver, expires=row.expires)


def _attestation(row: _Attestation) -> Exemption:
    return Attestation(
        check=row.id,
        statement=row.statement,
        by=row.by,
        stated=row.stated,
        document=row.document.removeprefix("sha256:"),
        expires=row.expires,
    )


def _problems(found: tuple[Exemption, ...]) -> list[Reason]:
    ids = [one.check for one in found]
    twice = sorted({check for check in ids if ids.count(check) > 1})
    return [
        *(_problem(check, "there is no such check", "correct the id, or remove the entry")
          for check in unknown_ids(found, [check.id for check in CHECKS])),
        *(_problem(check, "two entries are about this check", "keep one of them") for check in twice),
    ]  # fmt: skip


def _problem(check: str, message: str, remediation: str) -> Reason:
    return Reason(code="waiver", message=message, owner=Party.VENDOR, remediation=remediation, path=check)
