"""Reports that come back: as canonical JSON, or signed."""

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kastellan.adapters.evidence.report_model import FindingModel, MeasureModel, ReportModel
from kastellan.adapters.evidence.signed_report import is_signed, report_in
from kastellan.config.problem import reasons_of
from kastellan.domain.canonical import digest
from kastellan.domain.errors import InvalidInputError
from kastellan.domain.ledger import utc_instant
from kastellan.preflight.delta import Earlier, EarlierRow
from kastellan.preflight.finding import Measure


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in a file.

    Raises:
        InvalidInputError: it cannot be read, or is none.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as cause:
        why = cause.strerror if isinstance(cause, OSError) else str(cause)
        raise InvalidInputError(f"{path} cannot be read as JSON: {why}") from cause
    if not isinstance(document, dict):
        raise InvalidInputError(f"{path} holds no JSON object")
    return document


def read_report(path: Path) -> dict[str, Any]:
    """The report in a file, signed or not; signatures are not verified here.

    Raises:
        InvalidInputError: there is none, or it is not of the published form; with every reason.
    """
    document = read_json(path)
    report = report_in(document) if is_signed(document) else document
    try:
        ReportModel.model_validate(report)
    except ValidationError as cause:
        reasons = reasons_of(cause, ReportModel)[:20]
        raise InvalidInputError(f"{path} holds no preflight report of the published form", reasons) from cause
    return report


def earlier_of(report: dict[str, Any]) -> Earlier:
    """A report as something to compare with."""
    model = ReportModel.model_validate(report)
    return Earlier(
        sha256=digest(report),
        target=model.target,
        collected=utc_instant(model.collected_at),
        rows={row.id: _row(row) for row in model.findings},
    )


def _row(row: FindingModel) -> EarlierRow:
    return EarlierRow(
        check=row.id,
        version=row.check_version,
        outcome=row.outcome,
        measure=_measure(row.measure),
        seen=utc_instant(row.seen_at) if row.seen_at else None,
        first_seen=utc_instant(row.first_seen),
        last_transition=utc_instant(row.last_transition),
    )


def _measure(model: MeasureModel | None) -> Measure | None:
    if model is None:
        return None
    return Measure(value=model.value, unit=model.unit, limit=model.limit, more_is_better=model.more_is_better)
