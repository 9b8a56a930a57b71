"""A run as one HTML page for the customer: self-contained, printable, without scripts; every text is escaped.

Instants are in the contract's zone with their offset, because that is how the customer was promised them.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from kastellan.cli.run_page_style import STYLE
from kastellan.domain.history import Verdict
from kastellan.domain.ledger import LedgerEntry
from kastellan.domain.party import Party
from kastellan.domain.run import RunRecord
from kastellan.domain.run_document import reasons_of
from kastellan.domain.run_step import (
    Blocked,
    Done,
    DoneAlready,
    Failed,
    Inconclusive,
    StepName,
    StepOutcome,
    StepRecord,
)

_TITLES = {
    StepName.LEASE: "Reserved, so that nobody else works on it",
    StepName.CONTRACT: "Contract and your decisions read again",
    StepName.PREFLIGHT: "Platform validated",
    StepName.NOTICE_STARTED: "Start announced",
    StepName.DRIFT: "Looked for changes by others",
    StepName.RESTORE_POINT: "Restore point of the database made",
    StepName.PREVIEW_GUARD: "Compared what would change with what may",
    StepName.UP: "Update applied",
    StepName.VERIFICATION: "Service verified in every zone",
    StepName.SOAK: "Watched under its own load",
    StepName.UNDO: "Update taken back",
    StepName.VERDICT: "Judged",
    StepName.NOTICE_COMPLETED: "Completion announced",
}
_CLASSES = {
    "done": "good",
    "nothing to do": "good",
    "interrupted": "bad",
    "failed": "bad",
    "blocked": "open",
    "unclear": "open",
    "not begun": "none",
}
"""State of a step, as it is written → how it is coloured."""
_VERDICTS = {
    Verdict.PASSED: ("passed", "The maintenance was completed, and the service was verified."),
    Verdict.FAILED: ("failed", "The maintenance did not succeed."),
    Verdict.INCONCLUSIVE: (
        "unclear",
        "Whether the maintenance succeeded could not be determined; it does not count.",
    ),
    Verdict.BLOCKED: ("blocked", "Nothing was changed."),
}
_SIDES = {
    Party.VENDOR: "with the vendor",
    Party.CUSTOMER: "with the customer",
    Party.THIRD_PARTY: "with a third party",
}


def run_page(run: RunRecord, entries: Sequence[LedgerEntry], zone: str, *, digest: str) -> str:
    """The page.

    Args:
        run: how far it has come; one that is not over says so.
        entries: the installation's ledger, for what was said about the run's item.
        zone: IANA zone of the contract.
        digest: of the signed statement, or empty.
    """
    plan = run.plan
    title = f"Maintenance of {plan.installation}: {plan.item}"
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>",
            *_head(run, zone),
            *_steps(run, zone),
            *_said(run, entries, zone),
            *_foot(run, digest),
            "</main>\n</body>\n</html>\n",
        ]
    )


def _head(run: RunRecord, zone: str) -> Iterator[str]:
    plan, closed = run.plan, run.closed
    state, sentence = _VERDICTS[closed.verdict] if closed else ("running", "This run is not over.")
    yield "<header>"
    yield f'<p class="of">Maintenance record</p>\n<h1>{escape(plan.installation)}</h1>'
    yield f'<p class="lead"><span class="badge {state}">{state}</span> {sentence}</p>\n</header>'
    if closed and closed.reason:
        side = "" if closed.verdict is Verdict.PASSED else f" The cause lies {_SIDES[closed.attribution]} (IN-2)."
        yield f'<p class="reason {state}">{escape(closed.reason)}.{side}</p>'
    change = f"{plan.before} → {plan.version}" if plan.before != plan.version else f"{plan.version}, verified only"
    window = (
        f"{_at(plan.window_start, zone)} until {_at(plan.window_end, zone)}"
        if plan.window_start and plan.window_end
        else "outside of the windows, as an emergency (MU-2)"
    )
    facts = [
        ("What", f"{_what(run)} ({plan.release_class.value})"),
        ("Version", change),
        ("Window", window),
        ("Began", _at(run.started_at, zone) if run.started_at else "not yet"),
        ("Ended", _at(closed.at, zone) if closed else "not yet"),
        ("Version now", str(closed.version) if closed else "see above"),
        ("Times", f"of {zone}, to the minute as they were promised"),
        *(("Image", image) for image in plan.images),
    ]
    yield "<dl>"
    yield from (f"<div><dt>{name}</dt><dd>{escape(value)}</dd></div>" for name, value in facts)
    yield "</dl>"


def _steps(run: RunRecord, zone: str) -> Iterator[str]:
    longest = max((step.spent for step in run.steps), default=timedelta())
    yield '<section aria-labelledby="steps">\n<h2 id="steps">What was done</h2>\n<table>'
    yield '<thead><tr><th scope="col">Step</th><th scope="col">Began</th><th scope="col">Took</th>'
    yield '<th scope="col">Outcome</th></tr></thead>\n<tbody>'
    for step in run.steps:
        began = f"{step.attempts[0].started_at.astimezone(ZoneInfo(zone)):%H:%M:%S}" if step.attempts else "—"
        tries = f'<br><span class="small">{len(step.attempts)} attempts</span>' if len(step.attempts) > 1 else ""
        share = step.spent / longest if longest else 0.0
        bar = f'<span class="bar" style="width:{max(2.0, share * 100):.0f}%"></span>' if step.begun else ""
        took = _duration(step.spent) if step.begun else "—"
        state, text = _told(step)
        yield (
            f'<tr><th scope="row">{_TITLES[step.name]}{tries}</th><td class="time">{began}</td>'
            f'<td class="took">{took}{bar}</td><td><span class="dot {_CLASSES[state]}">{state}</span> {text}</td></tr>'
        )
    yield "</tbody>\n</table>\n</section>"


def _told(step: StepRecord) -> tuple[str, str]:
    outcome = step.outcome
    if outcome is None:
        return ("interrupted", "no outcome was recorded") if step.begun else ("not begun", "")
    reasons = "<br>".join(
        f"{escape(reason.message)}. <em>{reason.owner.value} acts:</em> {escape(reason.remediation)}"
        for reason in reasons_of(outcome)
    )
    return _state(outcome), escape(outcome.summary) if isinstance(outcome, Done | DoneAlready) else reasons


def _state(outcome: StepOutcome) -> str:
    match outcome:
        case Done():
            return "done"
        case DoneAlready():
            return "nothing to do"
        case Blocked():
            return "blocked"
        case Failed():
            return "failed"
        case Inconclusive():
            return "unclear"


def _said(run: RunRecord, entries: Sequence[LedgerEntry], zone: str) -> Iterator[str]:
    end = run.closed.at if run.closed else None
    found = [e for e in entries if e.body.get("item") == str(run.plan.item) and (end is None or e.at <= end)]
    if not found:
        return
    yield '<section aria-labelledby="said">\n<h2 id="said">What was agreed and said</h2>\n<ul>'
    for entry in found:
        body = entry.body
        details = [str(body[name]) for name in ("kind", "verdict", "version", "who", "reason") if body.get(name)]
        more = f": {escape(', '.join(details))}" if details else ""
        kind = escape(entry.kind.replace("-", " "))
        yield f"<li><time>{_at(entry.at, zone)}</time> {kind}{more}</li>"
    yield "</ul>\n</section>"


def _foot(run: RunRecord, digest: str) -> Iterator[str]:
    yield "<footer>"
    yield f"<p>Run <code>{escape(run.plan.id)}</code></p>"
    if digest:
        yield f"<p>Signed statement, SHA-256 <code>{escape(digest)}</code>. This page shows; it proves.</p>"
    yield "</footer>"


def _at(instant: datetime, zone: str) -> str:
    local = instant.astimezone(ZoneInfo(zone))
    offset = f"{local:%z}"
    return f"{local:%a %d %b %Y, %H:%M} (UTC{offset[:3]}:{offset[3:]})"


def _what(run: RunRecord) -> str:
    month, version = run.plan.item.month, run.plan.item.version
    return f"Regular Maintenance of {month}" if month else f"Emergency Maintenance for {version}"


def _duration(length: timedelta) -> str:
    seconds = length.total_seconds()
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, left = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {left} s"
