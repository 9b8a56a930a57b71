"""How the guarantees of a report stand at a later instant: its evidence grows old."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from kastellan.adapters.evidence.report_model import FindingModel, ReportModel
from kastellan.domain.ledger import utc_instant
from kastellan.preflight.exemption import day_begins
from kastellan.preflight.guarantee_state import GuaranteeState, Row, guarantee_states


def guarantees_now(report: Mapping[str, Any], now: datetime) -> tuple[GuaranteeState, ...]:
    """Recompute them from a report of the published form.

    Args:
        report: of the published form.
        now: the instant (UTC).
    """
    model = ReportModel.model_validate(report)
    rows = [
        Row(
            check=row.id,
            outcome=row.outcome,
            guarantees=frozenset(row.guarantees),
            seen=utc_instant(row.seen_at) if row.seen_at else None,
            stated_until=_stated_until(row),
        )
        for row in model.findings
    ]
    return guarantee_states(rows, now, platform=model.platform, plan=model.plan)


def _stated_until(row: FindingModel) -> datetime | None:
    stated = row.exemption is not None and row.exemption.kind == "attestation"
    return day_begins(row.exemption.expires + timedelta(days=1)) if row.exemption and stated else None
