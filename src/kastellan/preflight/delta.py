"""What changed since the last report: outcome and value of every check, and since when they have been so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kastellan.preflight.finding import Finding, Measure
from kastellan.preflight.outcome import Outcome, worst


class Change(StrEnum):
    """How a check's row differs from the one before; the first that applies counts."""

    NEW = "new"
    """The report before had no such check."""
    GONE = "gone"
    """This one has it no more."""
    CHECK_CHANGED = "check changed"
    """Another version of the check judged, so that the two outcomes do not compare."""
    REGRESSED = "regressed"
    IMPROVED = "improved"
    EVIDENCE_OLDER = "evidence older"
    """This row rests on older evidence than the one before."""
    VALUE_CHANGED = "value changed"
    SAME = "same"


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierRow:
    """What is known of a check's row in an earlier report.

    Attributes:
        check: its id.
        version: of the check.
        outcome: what it came to.
        measure: what was measured.
        seen: when it was looked at; None where it was not.
        first_seen: when the check first had a row, as far back as reports were compared.
        last_transition: when it came to this outcome, likewise.
    """

    check: str
    version: int
    outcome: Outcome
    measure: Measure | None
    seen: datetime | None
    first_seen: datetime
    last_transition: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """An earlier report.

    Attributes:
        sha256: digest of it, in hexadecimal.
        target: what it was about.
        collected: when its facts were there.
        rows: by the id of the check.
    """

    sha256: str
    target: str
    collected: datetime
    rows: Mapping[str, EarlierRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowDelta:
    """How one check's row differs.

    Attributes:
        check: its id.
        change: see there.
        before: the row before; None where there was none.
        now: the outcome now; None where the check is gone.
        measure: what was measured now.
        crosses: when the measured value reaches its limit if it goes on as between the two reports; None where it
            does not, or is beyond it already.
    """

    check: str
    change: Change
    before: EarlierRow | None
    now: Outcome | None
    measure: Measure | None
    crosses: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """What changed since an earlier report; `rows` has every check of either, those of this report first."""

    earlier: Earlier
    rows: tuple[RowDelta, ...]


def delta(findings: Iterable[Finding], earlier: Earlier, collected: datetime) -> Delta:
    """Compare findings, collected at an instant, with an earlier report."""
    present = list(findings)
    rows = [_row(finding, earlier, collected) for finding in present]
    ids = {finding.check for finding in present}
    rows += [
        RowDelta(check=before.check, change=Change.GONE, before=before, now=None, measure=None)
        for before in earlier.rows.values()
        if before.check not in ids
    ]
    return Delta(earlier=earlier, rows=tuple(rows))


def _row(finding: Finding, earlier: Earlier, collected: datetime) -> RowDelta:
    before = earlier.rows.get(finding.check)
    return RowDelta(
        check=finding.check,
        change=_change(finding, before),
        before=before,
        now=finding.outcome,
        measure=finding.measure,
        crosses=_crosses(finding.measure, before, earlier.collected, collected) if before else None,
    )


def _change(finding: Finding, before: EarlierRow | None) -> Change:
    if before is None:
        return Change.NEW
    if before.version != finding.version:
        return Change.CHECK_CHANGED
    if finding.outcome is not before.outcome:
        return Change.REGRESSED if worst((finding.outcome, before.outcome)) is finding.outcome else Change.IMPROVED
    if finding.seen and before.seen and finding.seen < before.seen:
        return Change.EVIDENCE_OLDER
    measure = finding.measure.rounded() if finding.measure else None
    return Change.SAME if measure == before.measure else Change.VALUE_CHANGED


def _crosses(measure: Measure | None, before: EarlierRow, then: datetime, now: datetime) -> datetime | None:
    """Where the straight line through the two values meets the limit."""
    old = before.measure
    if measure is None or old is None or measure.limit is None or measure.unit != old.unit or now <= then:
        return None
    sign = 1 if measure.more_is_better else -1
    margin, lost = sign * (measure.value - measure.limit), sign * (old.value - measure.value)
    if margin <= 0 or lost <= 0:
        return None
    try:
        return now + (now - then) * (margin / lost)
    except OverflowError:
        return None
