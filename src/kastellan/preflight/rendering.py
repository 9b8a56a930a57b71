"""A report for people, and for machines."""

import json
import textwrap
from datetime import datetime
from typing import Any

from kastellan.preflight.finding import Finding, Measure
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.report import Overall, Report

SCHEMA_VERSION = 2
_WIDTH = 100
_HEADLINE = {
    Overall.PASSED: "passed: this platform meets the prerequisites",
    Overall.WARNINGS: "passed with warnings: it meets the prerequisites, but not for long or not as it should",
    Overall.FAILED: "failed: this platform does not meet the prerequisites",
    Overall.INCOMPLETE: "incomplete: not everything could be determined, and what is unknown never counts as met",
}
_TO_TELL = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN, Outcome.WARN)


def text(report: Report) -> str:
    """What is wrong, whose turn it is and how to fix it; then everything else in a line each."""
    seconds = (report.finished - report.started).total_seconds()
    lines = [
        f"Preflight of {report.target}",
        f"{_HEADLINE[report.overall]}",
        f"{_utc(report.finished)}, {report.executed} of {report.expected} checks in {seconds:.1f} s, "
        f"kastellan {report.tool}",
    ]
    for outcome in _TO_TELL:
        for finding in (finding for finding in report.findings if finding.outcome is outcome):
            lines += ["", *_told(finding)]
    fine = [finding for finding in report.findings if finding.outcome not in _TO_TELL]
    if fine:
        lines.append("")
    lines += [
        f"{finding.outcome.upper():<5} {finding.check:<6} {finding.observed}"
        if finding.outcome is Outcome.PASS
        else f"{'-':<5} {finding.check:<6} {finding.outcome}: {finding.observed}"
        for finding in fine
    ]
    return "\n".join(lines) + "\n"


def json_text(report: Report) -> str:
    """The report as JSON with a schema version; keys and order are stable."""
    document = {
        "schemaVersion": SCHEMA_VERSION,
        "kind": "PreflightReport",
        "target": report.target,
        "overall": report.overall.value,
        "tool": report.tool,
        "started": _utc(report.started),
        "finished": _utc(report.finished),
        "checksExpected": report.expected,
        "checksExecuted": report.executed,
        "counts": {outcome.value: report.counts[outcome] for outcome in Outcome},
        "findings": [_row(finding) for finding in report.findings],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _row(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.check,
        "checkVersion": finding.version,
        "title": finding.title,
        "outcome": finding.outcome.value,
        "gates": sorted(finding.gates),
        "guarantees": sorted(finding.guarantees),
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
        "evidence": [{"facts": one.facts, "sha256": one.sha256} for one in finding.evidence],
        "executed": finding.executed,
        "startedAt": _utc(finding.started) if finding.started else None,
        "durationMs": finding.milliseconds,
        "remediation": finding.remediation,
        "clause": finding.clause,
        "docUrl": finding.document,
    }


def _measure(measure: Measure | None) -> dict[str, Any] | None:
    if measure is None:
        return None
    return {
        "value": measure.value,
        "unit": measure.unit,
        "limit": measure.limit,
        "moreIsBetter": measure.more_is_better,
    }


def _told(finding: Finding) -> list[str]:
    head = f"{finding.outcome.upper():<7} {finding.check} {finding.title} [{finding.clause}]"
    return [
        head,
        *_wrapped("expected", finding.expected),
        *_wrapped("observed", finding.observed),
        *_wrapped(f"{finding.owner.value} acts", finding.remediation),
        *_wrapped("explained", finding.document),
    ]


def _wrapped(label: str, content: str) -> list[str]:
    return textwrap.wrap(
        content,
        width=_WIDTH,
        initial_indent=f"        {label}: ",
        subsequent_indent="          ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _utc(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
