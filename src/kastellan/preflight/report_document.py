"""A report as one document: canonical JSON is written from it, and everything that people read is rendered from it.

Its form is published as docs/preflight.schema.json; `schemaVersion` goes up when a reader of the form before would
misread it. Instants are UTC, RFC 3339, whole seconds; a missing value is null, and no key is ever left out.
"""

from datetime import datetime
from typing import Any

from kastellan.domain.ledger import utc_text
from kastellan.preflight.delta import EarlierRow, RowDelta
from kastellan.preflight.exempting import Exempted
from kastellan.preflight.exemption import Exemption, Waiver
from kastellan.preflight.finding import Finding, Measure
from kastellan.preflight.guarantee_state import GuaranteeState
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.report import Overall, Report
from kastellan.preflight.support_matrix import AS_OF

SCHEMA_VERSION = 2
KIND = "PreflightReport"


def report_document(report: Report) -> dict[str, Any]:
    """The whole report."""
    run = report.circumstances
    return {
        "schemaVersion": SCHEMA_VERSION,
        "kind": KIND,
        "target": run.target,
        "overall": report.overall.value,
        "incomplete": report.overall is Overall.INCOMPLETE or report.lacking,
        "gate": run.gate.value,
        "readOnly": run.read_only,
        "checksExpected": report.expected,
        "checksExecuted": report.executed,
        "counts": {outcome.value: report.counts[outcome] for outcome in Outcome},
        "startedAt": utc_text(run.started),
        "collectedAt": utc_text(run.collected),
        "durationMs": round((run.collected - run.started).total_seconds() * 1000),
        "judgedAt": utc_text(report.judged),
        "tool": {"name": "kastellan", "version": report.tool.version, "sha256": report.tool.sha256},
        "matrixDate": AS_OF.isoformat(),
        "spec": {"sha256": run.spec},
        "cluster": {"uid": run.cluster},
        "identity": run.identity,
        "namespaces": list(run.namespaces),
        "platform": run.platform.value if run.platform else None,
        "plan": run.plan.value if run.plan else None,
        "findings": [_row(finding, report) for finding in report.findings],
        "guarantees": [_guarantee(state) for state in report.guarantees],
        "exemptions": [_exempted(one) for one in report.exempted],
        "delta": _delta(report),
    }


def _row(finding: Finding, report: Report) -> dict[str, Any]:
    before = report.delta.earlier.rows.get(finding.check) if report.delta else None
    collected = report.circumstances.collected
    same = before is not None and before.outcome is finding.outcome
    return {
        "id": finding.check,
        "checkVersion": finding.version,
        "title": finding.title,
        "outcome": finding.outcome.value,
        "judgedOutcome": (finding.judged or finding.outcome).value,
        "gates": sorted(finding.gates),
        "guarantees": sorted(finding.guarantees),
        "clause": finding.clause,
        "owner": finding.owner.value,
        "vantage": finding.vantage,
        "subject": finding.subject,
        "expected": finding.expected,
        "observed": finding.observed,
        "measure": _measure(finding.measure),
        "parts": [
            {
                "vantage": part.vantage,
                "outcome": part.outcome.value,
                "observed": part.observed,
                "measure": _measure(part.measure),
            }
            for part in finding.parts
        ],
        "remediation": finding.remediation,
        "docUrl": finding.document,
        "evidence": [{"facts": one.facts, "sha256": one.sha256} for one in finding.evidence],
        "executed": finding.executed,
        "startedAt": _instant(finding.started),
        "durationMs": finding.milliseconds,
        "seenAt": _instant(finding.seen),
        "exemption": _exemption(finding.exemption) if finding.exemption else None,
        "firstSeen": utc_text(before.first_seen if before else collected),
        "lastTransition": utc_text(before.last_transition if before and same else collected),
    }


def _measure(measure: Measure | None) -> dict[str, Any] | None:
    if measure is None:
        return None
    number = measure.rounded()
    return {
        "value": number.value,
        "unit": number.unit,
        "limit": number.limit,
        "moreIsBetter": number.more_is_better,
    }


def _exemption(one: Exemption) -> dict[str, Any]:
    if isinstance(one, Waiver):
        return {
            "kind": "waiver", "id": one.check, "reason": one.reason, "approver": one.approver,
            "expires": one.expires.isoformat(),
        }  # fmt: skip
    return {
        "kind": "attestation", "id": one.check, "statement": one.statement, "by": one.by,
        "date": one.stated.isoformat(), "documentSha256": one.document, "expires": one.expires.isoformat(),
    }  # fmt: skip


def _exempted(one: Exempted) -> dict[str, Any]:
    return {**_exemption(one.exemption), "use": one.use.value, "because": one.because}


def _guarantee(state: GuaranteeState) -> dict[str, Any]:
    return {
        "guarantee": state.guarantee.value,
        "clause": state.promise.clause,
        "what": state.promise.what,
        "standing": state.standing.value,
        "because": state.because,
        "checks": list(state.checks),
        "maxEvidenceAgeDays": state.promise.max_age.days,
        "backedUntil": _instant(state.backed_until),
    }


def _delta(report: Report) -> dict[str, Any] | None:
    if report.delta is None:
        return None
    earlier = report.delta.earlier
    return {
        "earlier": {"sha256": earlier.sha256, "target": earlier.target, "collectedAt": utc_text(earlier.collected)},
        "rows": [_row_delta(row) for row in report.delta.rows],
    }


def _row_delta(row: RowDelta) -> dict[str, Any]:
    return {
        "id": row.check,
        "change": row.change.value,
        "before": _before(row.before) if row.before else None,
        "now": {"outcome": row.now.value, "measure": _measure(row.measure)} if row.now else None,
        "crossesLimitAt": _instant(row.crosses),
    }


def _before(before: EarlierRow) -> dict[str, Any]:
    return {
        "outcome": before.outcome.value,
        "measure": _measure(before.measure),
        "checkVersion": before.version,
        "seenAt": _instant(before.seen),
    }


def _instant(instant: datetime | None) -> str | None:
    return utc_text(instant) if instant else None
